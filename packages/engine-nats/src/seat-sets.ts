import { compareAndSet, type Outcome } from './compare-and-set.ts';
import type { Link } from './link.ts';
import type { Reader } from './reader.ts';

// Small records that say which seats are in something: a channel, or a user in a channel. They are changed by compare and set, so
// that of all that come first, one finds nobody else there. A seat is put in and taken out by one node only, so that the record
// itself says whether a change was made whose answer was lost.

/** Milliseconds that a conflict is waited out, at random. */
const JITTER = 20;

interface Version {
  readonly seats: readonly string[];
  /** 0 if there is no record. */
  readonly sequence: number;
}

/** Milliseconds. */
type Remaining = () => number;

const encoder = new TextEncoder();

export class SeatSets {
  readonly #link: Link;
  readonly #reader: Reader;
  readonly #stream: string;

  constructor(link: Link, reader: Reader, stream: string) {
    this.#link = link;
    this.#reader = reader;
    this.#stream = stream;
  }

  async seats(subject: string): Promise<readonly string[]> {
    return (await this.#read(subject, this.#link.deadline())).seats;
  }

  /** @returns whether no other seat was in */
  async add(subject: string, seat: string): Promise<boolean> {
    const remaining = this.#link.deadline();
    // Mostly nobody is there: the record is tried without having been read.
    let known: Version = { seats: [], sequence: 0 };
    let wasAlone: boolean | undefined;
    for (;;) {
      const others = known.seats.filter((other) => other !== seat);
      const isAlone = others.length === 0;
      if (others.length < known.seats.length) return wasAlone ?? isAlone;
      const outcome = await this.#write(subject, [...others, seat], known, remaining);
      if (outcome.is === 'written') return isAlone;
      wasAlone = outcome.is === 'unknown' ? isAlone : undefined;
      known = await this.#read(subject, remaining);
    }
  }

  /** @returns whether no other seat is in */
  async remove(subject: string, seat: string): Promise<boolean> {
    const remaining = this.#link.deadline();
    let wasAlone: boolean | undefined;
    for (;;) {
      const known = await this.#read(subject, remaining);
      const others = known.seats.filter((other) => other !== seat);
      const isAlone = others.length === 0;
      if (others.length === known.seats.length) return wasAlone ?? isAlone;
      const outcome = await this.#write(subject, others, known, remaining);
      if (outcome.is === 'written' && isAlone) await this.#forget(outcome.sequence);
      if (outcome.is === 'written') return isAlone;
      wasAlone = outcome.is === 'unknown' ? isAlone : undefined;
    }
  }

  /** An empty record is not needed. If somebody has followed it meanwhile, it is gone already. */
  async #forget(sequence: number): Promise<void> {
    await this.#link.jsm.streams.deleteMessage(this.#stream, sequence, false).catch(() => {});
  }

  async #read(subject: string, remaining: Remaining): Promise<Version> {
    const message = await this.#link.retried(() => this.#reader.last(this.#stream, subject), remaining());
    if (message === undefined) return { seats: [], sequence: 0 };
    const text = Buffer.from(message.data).toString();
    return { seats: text === '' ? [] : text.split(' '), sequence: message.sequence };
  }

  async #write(
    subject: string,
    seats: readonly string[],
    { sequence }: Version,
    remaining: Remaining,
  ): Promise<Outcome> {
    const outcome = await compareAndSet(this.#link, subject, encoder.encode(seats.join(' ')), sequence, remaining());
    if (outcome.is !== 'written') await new Promise((resolve) => setTimeout(resolve, Math.random() * JITTER));
    return outcome;
  }
}
