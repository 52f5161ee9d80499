import type { Direction, MessageJson } from '@tidewire/inspector/recording';

/** Seconds with messages that are kept: a quarter of an hour of a connection that never rests. */
const KEPT = 900;

interface Second {
  readonly messages: Record<Direction, number>;
  readonly bytes: Record<Direction, number>;
}

/** A column each for the times, in seconds since 1970, and for both directions. */
export type RateColumns = [times: number[], toServer: number[], toClient: number[]];

/** How many messages and bytes went each way in each second. */
export class Rates {
  readonly #seconds = new Map<number, Second>();
  #newest: number | undefined;

  /** The last second with a message, since 1970. */
  get newest(): number | undefined {
    return this.#newest;
  }

  /** The first one that is kept. */
  get oldest(): number | undefined {
    return this.#seconds.keys().next().value;
  }

  add({ at, direction, wireLength }: MessageJson): void {
    const time = Math.floor(at / 1000);
    let second = this.#seconds.get(time);
    if (second === undefined) {
      second = { messages: { toServer: 0, toClient: 0 }, bytes: { toServer: 0, toClient: 0 } };
      this.#seconds.set(time, second);
      if (this.#seconds.size > KEPT) this.#dropOldest();
    }
    second.messages[direction] += 1;
    second.bytes[direction] += wireLength;
    this.#newest = Math.max(this.#newest ?? time, time);
  }

  clear(): void {
    this.#seconds.clear();
    this.#newest = undefined;
  }

  /** Each second from one to another, both included; zero where there was nothing. */
  columns(of: 'messages' | 'bytes', from: number, to: number): RateColumns {
    const columns: RateColumns = [[], [], []];
    for (let time = from; time <= to; time += 1) {
      const second = this.#seconds.get(time)?.[of];
      columns[0].push(time);
      columns[1].push(second?.toServer ?? 0);
      columns[2].push(second?.toClient ?? 0);
    }
    return columns;
  }

  #dropOldest(): void {
    const { value } = this.#seconds.keys().next();
    if (value !== undefined) this.#seconds.delete(value);
  }
}
