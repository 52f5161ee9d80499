import type { StreamPosition } from '../publication.ts';
import { IDEMPOTENCY_TTL } from './stream-store.ts';

// The idempotency keys of the last five minutes, the oldest first.

interface Use {
  readonly position: StreamPosition | undefined;
  readonly at: number;
}

export class RecentKeys {
  readonly #limit: number;
  readonly #uses = new Map<string, Use>();

  /** @param limit keys that are known at most; beyond, the oldest are forgotten before their time */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#uses.size;
  }

  /** @returns `undefined` if the key was not used within the five minutes before `now` */
  find(channel: string, key: string, now: number): Use | undefined {
    const use = this.#uses.get(nameOf(channel, key));
    return use !== undefined && now - use.at < IDEMPOTENCY_TTL ? use : undefined;
  }

  add(channel: string, key: string, position: StreamPosition | undefined, now: number): void {
    const name = nameOf(channel, key);
    this.#uses.delete(name);
    this.#uses.set(name, { position, at: now });
    this.forgetOld(now);
  }

  forgetOld(now: number): void {
    for (const [name, { at }] of this.#uses) {
      if (now - at < IDEMPOTENCY_TTL && this.#uses.size <= this.#limit) return;
      this.#uses.delete(name);
    }
  }
}

/** Of no other channel and key, whatever characters they are made of. */
function nameOf(channel: string, key: string): string {
  return `${channel.length}:${channel}${key}`;
}
