import type { Retention } from '@tidewire/hub';
import type { HistoryStream } from './history-streams.ts';

// Where the channels begin that this node publishes to. What is kept of a channel is gone when nothing was published for its
// `positionTtl`, and it begins anew; so an origin is believed for half of that since it was last seen to be true.

const MAX_ORIGINS = 50_000;

export interface Origin {
  readonly epoch: string;
  /** The sequence of the birth. */
  readonly origin: number;
}

export class OriginCache {
  /** In the order in which they were last true. */
  readonly #origins = new Map<string, Origin & { readonly seen: number }>();

  get(stream: HistoryStream, channel: string, retention: Retention): Origin | undefined {
    const known = this.#origins.get(`${stream.base}.${channel}`);
    if (known === undefined) return undefined;
    return performance.now() - known.seen < Math.max(retention.ttl, retention.positionTtl) / 2 ? known : undefined;
  }

  set(stream: HistoryStream, channel: string, { epoch, origin }: Origin): void {
    const key = `${stream.base}.${channel}`;
    this.#origins.delete(key);
    this.#origins.set(key, { epoch, origin, seen: performance.now() });
    if (this.#origins.size <= MAX_ORIGINS) return;
    const [oldest] = this.#origins.keys();
    if (oldest !== undefined) this.#origins.delete(oldest);
  }

  clear(): void {
    this.#origins.clear();
  }
}
