import type { RaceLane, RaceMessage } from '../race-messages.ts';

/** Messages that are kept: a window of 20 seconds at the highest rate, and some. */
const KEPT = 1500;

/** How long each message took on each lane, for the plot and the table. */
export class Latencies {
  readonly #lanes: readonly RaceLane[];
  /** The number of the message that the first entry of every column is for. */
  #first = 1;
  /** When each message was made, in seconds. */
  #times: number[] = [];
  /** In milliseconds; `null` until the message has come. */
  #columns: (number | null)[][];
  readonly #counts = new Map<RaceLane, number>();

  constructor(lanes: readonly RaceLane[]) {
    this.#lanes = lanes;
    this.#columns = lanes.map(() => []);
  }

  /** @param latency in milliseconds */
  record(lane: RaceLane, { n, at }: RaceMessage, latency: number): void {
    this.#counts.set(lane, this.count(lane) + 1);
    const index = n - this.#first;
    if (index < 0) return;
    while (this.#times.length <= index) {
      this.#times.push(at / 1000);
      for (const column of this.#columns) column.push(null);
    }
    const column = this.#columns[this.#lanes.indexOf(lane)];
    // Clocks are compared to within the round trip of a ping; a message cannot come before it was made.
    if (column !== undefined) column[index] = Math.max(0, latency);
    this.#forget(this.#times.length - 2 * KEPT);
  }

  /** How many messages have come on a lane. */
  count(lane: RaceLane): number {
    return this.#counts.get(lane) ?? 0;
  }

  /** The times in seconds, and a column of latencies for each lane: what a plot draws. */
  get columns(): [number[], ...(number | null)[][]] {
    return [this.#times, ...this.#columns];
  }

  /** The middle of the latencies of the messages that were made since a time in seconds; of the last one, if none was. */
  median(lane: RaceLane, since: number): number | undefined {
    const column = this.#columns[this.#lanes.indexOf(lane)] ?? [];
    const recent: number[] = [];
    for (let index = column.length - 1; index >= 0; index -= 1) {
      const latency = column[index];
      if ((this.#times[index] ?? 0) < since && recent.length > 0) break;
      if (typeof latency === 'number') recent.push(latency);
    }
    return recent.sort((a, b) => a - b)[Math.floor((recent.length - 1) / 2)];
  }

  #forget(excess: number): void {
    if (excess < 0) return;
    const count = this.#times.length - KEPT;
    this.#first += count;
    this.#times = this.#times.slice(count);
    this.#columns = this.#columns.map((column) => column.slice(count));
  }
}
