import { randomBytes } from 'node:crypto';
import { StorageType } from '@nats-io/jetstream';
import type { Left, NodeInfo } from '@tidewire/hub';
import { compareAndSet } from './compare-and-set.ts';
import type { Departures } from './departures.ts';
import type { HistoryStreams } from './history-streams.ts';
import type { Link } from './link.ts';
import type { Reader } from './reader.ts';
import { encodeToken, type Subjects } from './subjects.ts';

// A node's seat: a lease, which the servers drop when it is not renewed in time, and a record that there are members to be taken out
// when that has happened. A node that comes back late asks whether somebody has claimed its record; if so, it takes another
// seat. Whoever claims a record looks once more whether there is a lease. So one of the two sees what the other has done.

const NANOSECONDS = 1_000_000;
const encoder = new TextEncoder();

export interface SeatListener {
  /** What the node says of itself. */
  describe(): string;
  /** Members of a node that is gone were taken out. */
  expired(channel: string, left: readonly Left[]): void;
  /** The lease had run out. Called again if it rejects. @param seat another one than before, or `undefined` if it is the same */
  lapsed(seat: string | undefined): Promise<void>;
}

export class Seat {
  readonly #link: Link;
  readonly #reader: Reader;
  readonly #streams: HistoryStreams;
  readonly #subjects: Subjects;
  readonly #departures: Departures;
  readonly #node: string;
  readonly #lease: number;
  readonly #listener: SeatListener;
  #id = newId();
  /** The sequence of the last renewal; 0 if there is none. */
  #renewal = 0;
  /** When that was. */
  #renewedAt = performance.now();
  /** Whether the lease had run out, and that has not been dealt with. */
  #hasLapsed = false;
  /** Whether the members have yet to be entered from this seat. */
  #isMoving = false;
  /** Nobody is taken for dead before this time: after a failure of the servers, all nodes come back at once. */
  #patience = 0;

  constructor(
    link: Link,
    reader: Reader,
    streams: HistoryStreams,
    subjects: Subjects,
    departures: Departures,
    node: string,
    lease: number,
    listener: SeatListener,
  ) {
    this.#link = link;
    this.#reader = reader;
    this.#streams = streams;
    this.#subjects = subjects;
    this.#departures = departures;
    this.#node = node;
    this.#lease = lease;
    this.#listener = listener;
  }

  get id(): string {
    return this.#id;
  }

  async take(): Promise<void> {
    // Who has just come does not know what has kept the others.
    this.wait();
    await this.prepare();
    await this.#write();
    await this.#departures.register(this.#id, this.#node);
  }

  /** Makes the streams of leases and members, if they are not there. */
  async prepare(): Promise<void> {
    await this.#link.retried(() =>
      this.#made({
        name: this.#subjects.leaseStream,
        subjects: [`${this.#subjects.leases}.>`],
        max_msgs_per_subject: 1,
        max_age: this.#lease * NANOSECONDS,
        duplicate_window: Math.min(this.#lease, 120_000) * NANOSECONDS,
        storage: StorageType.File,
      }),
    );
    await this.#link.retried(() =>
      this.#made({
        name: this.#subjects.memberStream,
        subjects: [`${this.#subjects.members}.>`],
        max_msgs_per_subject: 1,
        storage: StorageType.File,
      }),
    );
  }

  /** Waits before anybody is taken for dead: a lease, and until the others have asked again what was not answered. */
  wait(): void {
    this.#patience = performance.now() + this.#lease + this.#link.attempt;
  }

  async renew(): Promise<void> {
    const before = this.#renewedAt;
    if (!(await this.#write())) this.#hasLapsed = true;
    // What has kept this node from it may have kept the others: a stream that had no leader for a while, for one.
    if (this.#hasLapsed || performance.now() - before > this.#lease / 2) this.wait();
    if (!this.#hasLapsed) return;
    if (this.#renewal === 0) await this.#write();
    // What others have done about it decides whether this seat is still ours. If something fails now, it is done again.
    const record = await this.#departures.record(this.#id);
    if (record === undefined || record.claimant !== undefined) {
      await this.#dropLease();
      this.#id = newId();
      this.#renewal = 0;
      this.#isMoving = true;
      await this.#write();
      await this.#departures.register(this.#id, this.#node);
    }
    await this.#listener.lapsed(this.#isMoving ? this.#id : undefined);
    this.#isMoving = false;
    this.#hasLapsed = false;
  }

  /** All that live. */
  async nodes(): Promise<NodeInfo[]> {
    const { leaseStream, leases } = this.#subjects;
    const messages = await this.#link.retried(() => this.#reader.newest(leaseStream, `${leases}.>`));
    const nodes = new Map<string, NodeInfo>();
    for (const { data } of messages) {
      const text = Buffer.from(data).toString();
      const end = text.indexOf('\n');
      const id: unknown = JSON.parse(text.slice(0, end));
      if (typeof id === 'string') nodes.set(id, { id, state: text.slice(end + 1) });
    }
    return [...nodes.values()];
  }

  /** Takes out the members of those whose lease has run out, and tells of them. */
  async reap(): Promise<void> {
    if (performance.now() < this.#patience) return;
    await this.#departures.reap(this.#id, (channel, left) => this.#listener.expired(channel, left));
  }

  async leave(): Promise<void> {
    await this.#departures.takeOut(this.#id, this.#node, () => {});
    await this.#dropLease();
  }

  async #made(config: Parameters<HistoryStreams['made']>[0]): Promise<void> {
    const info = await this.#streams.made(config);
    if (config.max_age !== undefined && info.config.max_age !== config.max_age)
      await this.#link.jsm.streams.update(config.name, { ...info.config, ...config });
  }

  /** @returns whether the lease had not run out */
  async #write(): Promise<boolean> {
    const subject = `${this.#subjects.leases}.${encodeToken(this.#node)}.${this.#id}`;
    const payload = encoder.encode(`${JSON.stringify(this.#node)}\n${this.#listener.describe()}`);
    this.#link.checkSize(payload);
    const outcome = await compareAndSet(this.#link, subject, payload, this.#renewal);
    // Nobody else writes it: if it is not what is expected, a write whose answer was lost is, or it has run out.
    this.#renewal = outcome.is === 'written' ? outcome.sequence : await this.#sequenceOf(subject);
    if (this.#renewal === 0) return false;
    this.#renewedAt = performance.now();
    return true;
  }

  async #sequenceOf(subject: string): Promise<number> {
    const { leaseStream } = this.#subjects;
    return (await this.#link.retried(() => this.#reader.last(leaseStream, subject)))?.sequence ?? 0;
  }

  async #dropLease(): Promise<void> {
    await this.#link.jsm.streams.deleteMessage(this.#subjects.leaseStream, this.#renewal, false).catch(() => {});
  }
}

function newId(): string {
  return randomBytes(9).toString('hex');
}
