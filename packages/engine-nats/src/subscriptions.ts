import type { Msg, Subscription } from '@nats-io/transport-node';
import { decodeEvent, type EngineListener, type StreamPosition } from '@tidewire/hub';
import { decodeDirect } from './direct-events.ts';
import { HeldEvents } from './held-events.ts';
import type { HistoryStreams } from './history-streams.ts';
import type { Link } from './link.ts';
import type { Reader } from './reader.ts';
import { RecentIds } from './recent-ids.ts';
import { decodeRecord } from './records.ts';
import { StoreOrder, type Told } from './store-order.ts';
import { decodeChannel, encodeChannel, encodePrefix, type Subjects } from './subjects.ts';

// What this node is told. The leader of a stream sends on what it has stored, with its sequence and that of its predecessor in
// the channel; signals come from their nodes. A channel's events come once for each subscription that matches, and are told once.

/** Milliseconds. */
const YOUNG = 5000;

export class Subscriptions {
  readonly #link: Link;
  readonly #subjects: Subjects;
  readonly #listener: EngineListener;
  readonly #channels = new Map<string, Subscription>();
  readonly #prefixes = new Map<string, Subscription>();
  /** When they were made. No channel's name is that of a prefix that matters: it would end with a colon. */
  readonly #since = new Map<string, number>();
  readonly #recent = new RecentIds();
  readonly #held: HeldEvents;
  readonly #order: StoreOrder;

  /** @param missed a publication has not come that should have */
  constructor(
    link: Link,
    subjects: Subjects,
    listener: EngineListener,
    reader: Reader,
    streams: HistoryStreams,
    missed: () => void,
  ) {
    this.#order = new StoreOrder(reader, streams, (channel, told) => this.#tellStored(channel, told), missed);
    this.#link = link;
    this.#subjects = subjects;
    this.#listener = listener;
    this.#held = new HeldEvents((channel, event) => this.#tellDirect(channel, event), missed);
  }

  async subscribe(channel: string): Promise<void> {
    const subject = this.#subjects.events(encodeChannel(channel));
    await this.#added(this.#channels, channel, subject, (message) => this.#receive(channel, message));
  }

  unsubscribe(channel: string): void {
    this.#remove(this.#channels, channel);
    this.#held.forget(channel);
  }

  async subscribePrefix(prefix: string): Promise<void> {
    const subject = this.#subjects.events(encodePrefix(prefix));
    await this.#added(this.#prefixes, prefix, subject, (message) => {
      const channel = decodeChannel(this.#subjects.channelOf(message.subject));
      if (channel !== undefined) this.#receive(channel, message);
    });
  }

  unsubscribePrefix(prefix: string): void {
    this.#remove(this.#prefixes, prefix);
  }

  close(): void {
    for (const channel of [...this.#channels.keys()]) this.#remove(this.#channels, channel);
    for (const prefix of [...this.#prefixes.keys()]) this.#remove(this.#prefixes, prefix);
    this.#held.close();
  }

  /** The caller has asked for the history of the channel: what is up to this position is not missing. */
  learned(channel: string, position: StreamPosition): void {
    if (this.#isOld(channel) !== undefined) this.#held.learned(channel, position);
  }

  /** Whether this node should have been told of the publication, and has not been. */
  isMissing(channel: string, position: StreamPosition): boolean {
    return this.#isOld(channel) === true && !this.#held.isSeen(channel, position);
  }

  /** Whether it is subscribed to, for longer than a publication is named in a beat. */
  #isOld(channel: string): boolean | undefined {
    let since = this.#since.get(channel);
    for (const prefix of this.#prefixes.keys()) {
      if (channel.startsWith(prefix)) since = Math.min(since ?? Infinity, this.#since.get(prefix) ?? Infinity);
    }
    return since === undefined ? undefined : performance.now() - since > YOUNG;
  }

  /** What is held waits for publications that will not be told. */
  release(): void {
    this.#order.forget();
    this.#held.release();
  }

  async #added(
    all: Map<string, Subscription>,
    name: string,
    subject: string,
    receive: (message: Msg) => void,
  ): Promise<void> {
    this.#link.check();
    const added = all.has(name) ? undefined : this.#link.nats.subscribe(subject, this.#callback(receive));
    if (added !== undefined) {
      all.set(name, added);
      this.#since.set(name, performance.now());
    }
    try {
      await this.#link.flushed();
    } catch (error) {
      if (added !== undefined && all.get(name) === added) this.#remove(all, name);
      throw error;
    }
  }

  #callback(receive: (message: Msg) => void) {
    return {
      callback: (error: Error | null, message: Msg) => {
        if (error === null) receive(message);
      },
    };
  }

  #remove(all: Map<string, Subscription>, name: string): void {
    const subscription = all.get(name);
    all.delete(name);
    this.#since.delete(name);
    if (subscription !== undefined && !subscription.isClosed()) subscription.unsubscribe();
  }

  #receive(channel: string, message: Msg): void {
    const sequence = Number(message.headers?.get('Nats-Sequence') ?? 0);
    if (sequence > 0) {
      if (this.#isRepeated(channel, `${sequence} ${message.headers?.get('Nats-Subject')}`)) return;
      this.#order.take(channel, {
        stream: message.headers?.get('Nats-Stream') ?? '',
        subject: message.headers?.get('Nats-Subject') ?? '',
        sequence,
        previous: Number(message.headers?.get('Nats-Last-Sequence') ?? 0),
        data: message.data,
      });
      return;
    }
    const direct = decodeDirect(message.data);
    if (direct === undefined || this.#isRepeated(channel, direct.id)) return;
    if (!this.#held.holds(channel, direct.event, direct.after)) this.#tellDirect(channel, direct.event);
  }

  #tellStored(channel: string, { sequence, previous: last, data }: Told): void {
    const record = decodeRecord(data, sequence);
    if (record === undefined || this.#isOld(channel) === undefined) return;
    const { epoch, origin, offset } = record;
    if (record.kind === 'clearance') {
      this.#held.cleared(channel, { epoch, offset: sequence - origin }, offset);
      return;
    }
    const position: StreamPosition = { epoch, offset };
    if (record.kind === 'publication') {
      const event = decodeEvent(record.event);
      if (event?.type !== 'publication') return;
      const before = { epoch, offset: Math.max(0, last - origin) };
      const previous = this.#held.standingFor(channel, before);
      this.#listener.published(channel, event.publication, { epoch, offset, previous });
    }
    this.#held.saw(channel, position);
  }

  #tellDirect(channel: string, text: string): void {
    const event = decodeEvent(text);
    if (event === undefined) return;
    if (event.type === 'publication') this.#listener.published(channel, event.publication, undefined);
    else this.#listener.signalled(channel, event);
  }

  /** Only what several subscriptions match comes more than once. */
  #isRepeated(channel: string, id: string): boolean {
    return this.#recent.isRepeated(`${channel}\n${id}`, () => {
      let matches = this.#channels.has(channel) ? 1 : 0;
      if (this.#prefixes.size === 0) return false;
      for (let end = channel.indexOf(':'); end !== -1; end = channel.indexOf(':', end + 1))
        if (this.#prefixes.has(channel.slice(0, end + 1))) matches++;
      return matches > 1;
    });
  }
}
