import type { Publication } from '../publication.ts';
import type { MemoryStream } from './stream.ts';

// What all streams in memory may take together: many channels, each within its retention, could fill the memory all the same.
// When it is too much, the channels that were published to the longest ago lose their publications, the oldest of each first, and
// keep their positions, so that who comes back is told that something is missing. Only when there are no more publications to
// drop do channels lose their positions, too.

/** A publication, and a stream, in bytes, beside their text. */
const PUBLICATION = 250;
const STREAM = 500;

/** Of the limit, that is freed at once, so that not every publication has to look for another one to drop. */
const SLACK = 1 / 64;

/** Streams that are looked at for one whose position may be forgotten. */
const TRIES = 100;

export interface BudgetOwner {
  /** Whether the position of the channel is needed now. */
  isSubscribed(channel: string): boolean;
  /** The stream has ended. */
  forget(stream: MemoryStream): void;
  /** So many publications, and positions of channels, were dropped. */
  shortened(publications: number, positions: number): void;
}

/** About what a publication takes in memory, in bytes. */
export function sizeOf({ data, info, tags, key = '' }: Publication): number {
  let characters = data.length + key.length;
  if (info !== undefined) {
    const { client, user, connectionInfo = '', channelInfo = '' } = info;
    characters += client.length + user.length + connectionInfo.length + channelInfo.length;
  }
  for (const name in tags) characters += name.length + (tags[name]?.length ?? 0);
  return PUBLICATION + characters * 2;
}

export class HistoryBudget {
  readonly #limit: number;
  readonly #owner: BudgetOwner;
  #bytes = 0;
  /** Streams that hold publications, and those that have a position only: those that were published to last are the last. */
  readonly #full = new Set<MemoryStream>();
  readonly #bare = new Set<MemoryStream>();
  #newest: MemoryStream | undefined;

  /** @param limit bytes */
  constructor(limit: number, owner: BudgetOwner) {
    this.#limit = limit;
    this.#owner = owner;
  }

  /** What all streams take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  began(stream: MemoryStream): void {
    this.#bytes += STREAM + stream.channel.length * 2;
    // It is not the one that has to go.
    this.#keep();
    this.#bare.add(stream);
  }

  ended(stream: MemoryStream): void {
    this.#bytes -= STREAM + stream.channel.length * 2;
    stream.removeAll();
    this.settle(stream);
    this.#bare.delete(stream);
    if (this.#newest === stream) this.#newest = undefined;
  }

  published(stream: MemoryStream): void {
    this.#count(stream);
    if (this.#newest !== stream) {
      this.#newest = stream;
      this.#bare.delete(stream);
      this.#full.delete(stream);
      this.#full.add(stream);
    }
    this.#keep();
  }

  /** To be called when publications of the stream were dropped. */
  settle(stream: MemoryStream): void {
    this.#count(stream);
    if (stream.size > 0 || !this.#full.delete(stream)) return;
    this.#bare.add(stream);
    if (this.#newest === stream) this.#newest = undefined;
  }

  #count(stream: MemoryStream): void {
    this.#bytes += stream.takeGrowth();
  }

  #keep(): void {
    if (this.#bytes <= this.#limit) return;
    const goal = this.#limit * (1 - SLACK);
    let publications = 0;
    for (const stream of this.#full) {
      if (this.#bytes <= goal) break;
      publications += stream.shorten(this.#bytes - goal);
      this.settle(stream);
    }
    let positions = 0;
    let tries = TRIES;
    for (const stream of this.#bare) {
      if (this.#bytes <= this.#limit || tries-- === 0) break;
      if (this.#owner.isSubscribed(stream.channel)) {
        // So that others are looked at the next time.
        this.#bare.delete(stream);
        this.#bare.add(stream);
      } else {
        this.ended(stream);
        this.#owner.forget(stream);
        positions++;
      }
    }
    if (publications + positions > 0) this.#owner.shortened(publications, positions);
  }
}
