import type { Left } from '@tidewire/hub';
import { compareAndSet } from './compare-and-set.ts';
import { inParallel } from './in-parallel.ts';
import type { Link } from './link.ts';
import type { Entry, MemberEntries } from './member-entries.ts';
import type { Reader } from './reader.ts';
import type { SeatSets } from './seat-sets.ts';
import type { Subjects } from './subjects.ts';

// Taking out the members of a seat: one's own when the node stops, and that of a node whose lease has run out. For those there is
// the seat's record, which one of the living nodes claims. It looks once more whether there is a lease after that, as who comes
// back late looks whether there is a claim: so one of the two sees what the other has done.

type Tell = (channel: string, left: readonly Left[]) => void;

interface SeatRecord {
  readonly node: string;
  /** The seat that takes its members out. */
  readonly claimant: string | undefined;
  readonly sequence: number;
}

const encoder = new TextEncoder();

export class Departures {
  readonly #link: Link;
  readonly #reader: Reader;
  readonly #subjects: Subjects;
  readonly #entries: MemberEntries;
  readonly #sets: SeatSets;
  #isReaping = false;

  constructor(link: Link, reader: Reader, subjects: Subjects, entries: MemberEntries, sets: SeatSets) {
    this.#link = link;
    this.#reader = reader;
    this.#subjects = subjects;
    this.#entries = entries;
    this.#sets = sets;
  }

  /** Says that there are members to be taken out when the lease of this seat has run out. */
  async register(seat: string, node: string): Promise<void> {
    const subject = this.#entries.seatRecord(seat);
    await this.#link.retried((timeout) => this.#link.js.publish(subject, encoder.encode(encoded(node)), { timeout }));
  }

  async record(seat: string): Promise<SeatRecord | undefined> {
    const subject = this.#entries.seatRecord(seat);
    const message = await this.#link.retried(() => this.#reader.last(this.#entries.stream, subject));
    if (message === undefined) return undefined;
    const [node = '', claimant] = Buffer.from(message.data).toString().split(' ');
    return { node: Buffer.from(node, 'base64url').toString(), claimant, sequence: message.sequence };
  }

  /** Takes out the members of those whose lease has run out, and tells of them. @param own seat of this node */
  async reap(own: string, tell: Tell): Promise<void> {
    if (this.#isReaping) return;
    this.#isReaping = true;
    try {
      const recorded = await this.#subjectsOf(this.#entries.stream, this.#entries.seatRecord('*'));
      const living = new Set(await this.#living());
      for (const seat of recorded.map(seatOf)) {
        if (seat === own || living.has(seat) || !(await this.#claimed(seat, own, living))) continue;
        const node = (await this.record(seat))?.node ?? '';
        await this.takeOut(seat, node, tell);
      }
    } finally {
      this.#isReaping = false;
    }
  }

  async takeOut(seat: string, node: string, tell: Tell): Promise<void> {
    const byChannel = new Map<string, Entry[]>();
    for (const entry of await this.#entries.ofSeat(seat)) {
      const entries = byChannel.get(entry.channel) ?? [];
      entries.push(entry);
      byChannel.set(entry.channel, entries);
    }
    await inParallel([...byChannel], async ([channel, entries]) => {
      const lastOf = new Map(entries.map(({ info }) => [info.user, info.client]));
      const lastOfUser = new Set<string>();
      await inParallel([...lastOf], async ([user, client]) => {
        if (await this.#sets.remove(this.#entries.userSet(channel, user), seat)) lastOfUser.add(client);
      });
      const isLast = await this.#sets.remove(this.#entries.channelSet(channel), seat);
      await inParallel(entries, ({ sequence }) => this.#entries.remove(sequence));
      tell(
        channel,
        entries.map(({ info }, i) => ({
          member: { info, node },
          isLast: isLast && i === entries.length - 1,
          isLastOfUser: lastOfUser.has(info.client),
        })),
      );
    });
    const record = await this.record(seat);
    if (record !== undefined) await this.#entries.remove(record.sequence);
  }

  async #claimed(seat: string, own: string, living: ReadonlySet<string>): Promise<boolean> {
    const record = await this.record(seat);
    if (record === undefined) return false;
    const { node, claimant } = record;
    if (claimant === own) return true;
    if (claimant !== undefined && living.has(claimant)) return false;
    const sequence = await this.#write(seat, `${encoded(node)} ${own}`, record.sequence);
    if (sequence === undefined) return false;
    if (!(await this.#living()).includes(seat)) return true;
    await this.#write(seat, encoded(node), sequence); // It has come back just now.
    return false;
  }

  async #write(seat: string, record: string, last: number): Promise<number | undefined> {
    const outcome = await compareAndSet(this.#link, this.#entries.seatRecord(seat), encoder.encode(record), last);
    return outcome.is === 'written' ? outcome.sequence : undefined;
  }

  /** The seats that have a lease. */
  async #living(): Promise<string[]> {
    const leases = await this.#subjectsOf(this.#subjects.leaseStream, `${this.#subjects.leases}.>`);
    return leases.map(seatOf);
  }

  async #subjectsOf(stream: string, filter: string): Promise<string[]> {
    const { state } = await this.#link.retried(() => this.#link.jsm.streams.info(stream, { subjects_filter: filter }));
    return Object.keys(state.subjects ?? {});
  }
}

function encoded(node: string): string {
  return Buffer.from(node).toString('base64url');
}

/** The last token. */
function seatOf(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}
