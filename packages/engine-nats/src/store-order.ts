import type { HistoryStreams } from './history-streams.ts';
import type { Reader } from './reader.ts';

// A stream without replicas is written by each connection's own thread of the server, so that one may send on what it has stored
// after another that has stored later. The store knows the order: before a publication of such a stream is told, it is asked for
// what stands between it and the one that was told before. With replicas, one thread does all.

/** More than this was not late but lost on its way, which its successor says. */
const MAX_LATE = 100;

export interface Told {
  readonly stream: string;
  readonly subject: string;
  readonly sequence: number;
  /** The sequence before it in the channel, as the server has said. */
  readonly previous: number;
  readonly data: Uint8Array;
}

export class StoreOrder {
  readonly #reader: Reader;
  readonly #streams: HistoryStreams;
  readonly #tell: (channel: string, told: Told) => void;
  readonly #missed: () => void;
  readonly #lanes = new Map<string, Promise<void>>();
  /** The last that was told, by subject; kept while there are more to come. */
  readonly #last = new Map<string, number>();

  constructor(
    reader: Reader,
    streams: HistoryStreams,
    tell: (channel: string, told: Told) => void,
    missed: () => void,
  ) {
    this.#reader = reader;
    this.#streams = streams;
    this.#tell = tell;
    this.#missed = missed;
  }

  take(channel: string, told: Told): void {
    if (this.#streams.isReplicated(told.stream)) {
      this.#tell(channel, told);
      return;
    }
    const lane = (this.#lanes.get(channel) ?? Promise.resolve()).then(() => this.#inOrder(channel, told));
    this.#lanes.set(channel, lane);
    void lane.then(() => {
      if (this.#lanes.get(channel) === lane) this.#lanes.delete(channel);
    });
  }

  forget(): void {
    this.#last.clear();
  }

  async #inOrder(channel: string, told: Told): Promise<void> {
    const { stream, subject, sequence } = told;
    const last = this.#last.get(subject);
    if (last !== undefined && sequence <= last) return; // It was told already, from the store.
    let before = last ?? told.previous;
    try {
      for (let late = 0; late < MAX_LATE; late++) {
        const next = await this.#reader.next(stream, subject, before + 1);
        if (next === undefined || next.sequence >= sequence) break;
        this.#tell(channel, { stream, subject, sequence: next.sequence, previous: before, data: next.data });
        before = next.sequence;
      }
    } catch {
      this.#missed();
    }
    this.#remember(subject, sequence);
    this.#tell(channel, { ...told, previous: Math.max(before, told.previous) });
  }

  #remember(subject: string, sequence: number): void {
    this.#last.delete(subject);
    this.#last.set(subject, sequence);
    if (this.#last.size <= 50_000) return;
    const [oldest] = this.#last.keys();
    if (oldest !== undefined) this.#last.delete(oldest);
  }
}
