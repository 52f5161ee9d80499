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
  /** Behind it there are none, but for `#oldest`. A new one would have to pass all the holes that deleted ones have left. */
  #rest = this.#uses.entries();
  #oldest: [name: string, use: Use] | undefined;

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
    for (let oldest = this.#findOldest(); oldest !== undefined; oldest = this.#findOldest()) {
      const [name, { at }] = oldest;
      if (now - at < IDEMPOTENCY_TTL && this.#uses.size <= this.#limit) return;
      this.#uses.delete(name);
    }
  }

  #findOldest(): [name: string, use: Use] | undefined {
    const known = this.#oldest;
    if (known !== undefined && this.#uses.get(known[0]) === known[1]) return known;
    this.#oldest = undefined;
    if (this.#uses.size === 0) return undefined;
    let next = this.#rest.next();
    if (next.done === true) {
      this.#rest = this.#uses.entries();
      next = this.#rest.next();
    }
    this.#oldest = next.done === true ? undefined : next.value;
    return this.#oldest;
  }
}

/** Of no other channel and key, whatever characters they are made of. */
function nameOf(channel: string, key: string): string {
  return `${channel.length}:${channel}${key}`;
}
