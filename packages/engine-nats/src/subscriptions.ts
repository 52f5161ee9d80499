import type { Msg, Subscription } from '@nats-io/transport-node';
import { decodeEvent, type EngineListener, type StreamPosition } from '@tidewire/hub';
import { ChannelOrder } from './channel-order.ts';
import { decodeDirect } from './direct-events.ts';
import type { Link } from './link.ts';
import type { OtherServers } from './other-servers.ts';
import { RecentIds } from './recent-ids.ts';
import { decodeRecord } from './records.ts';
import { decodeChannel, encodeChannel, encodePrefix, type Subjects } from './subjects.ts';

// What this node is told. The leader of a stream sends on what it has stored, with its sequence and that of its predecessor in
// the channel; signals come from their nodes. A channel's events come once for each subscription that matches, and are told once.

/** Milliseconds from a publication until everybody has heard of it in a beat. */
const YOUNG = 5000;

export class Subscriptions {
  readonly #link: Link;
  readonly #subjects: Subjects;
  readonly #listener: EngineListener;
  readonly #servers: OtherServers;
  readonly #channels = new Map<string, Subscription>();
  readonly #prefixes = new Map<string, Subscription>();
  /** When they were made. No channel's name is that of a prefix that matters: it would end with a colon. */
  readonly #since = new Map<string, number>();
  readonly #recent = new RecentIds();
  readonly #order: ChannelOrder;
  /** When events came without a gap for the last time that this was in doubt. */
  #restarted = 0;

  /** @param missed a publication has not come that should have */
  constructor(
    link: Link,
    subjects: Subjects,
    listener: EngineListener,
    servers: OtherServers,
    missed: (channel: string, position: StreamPosition) => void,
  ) {
    this.#link = link;
    this.#subjects = subjects;
    this.#listener = listener;
    this.#servers = servers;
    this.#order = new ChannelOrder({
      stored: (channel, publication, position, previous) =>
        listener.published(channel, publication, { ...position, previous }),
      direct: (channel, event) => this.#tellDirect(channel, event),
      missed,
    });
  }

  async subscribe(channel: string): Promise<void> {
    const subject = this.#subjects.events(encodeChannel(channel));
    await this.#added(this.#channels, channel, subject, (message) => this.#receive(channel, message));
  }

  unsubscribe(channel: string): void {
    this.#remove(this.#channels, channel);
    if (this.#matches(channel) === 0) this.#order.forget(channel);
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
    this.#order.close();
  }

  /**
   * Somebody has asked for the newest record of the channel.
   * @param position its place in the stream
   * @param standing the offset that it stands for
   */
  learned(channel: string, position: StreamPosition, standing: number): void {
    if (this.#matches(channel) > 0) this.#order.begin(channel, position, standing);
  }

  /** Whether this node should have been told of the publication, and has not been. */
  isMissing(channel: string, position: StreamPosition): boolean {
    return this.#order.isMissing(channel, position) ?? this.#isOld(channel);
  }

  /** There may have been a gap, of which whoever listens knows. */
  restart(): void {
    this.#restarted = performance.now();
    this.#order.restart();
  }

  /** Whether this node has listened for longer than a publication is new. */
  #isOld(channel: string): boolean {
    let since = this.#since.get(channel) ?? Infinity;
    for (const prefix of this.#prefixes.keys())
      if (channel.startsWith(prefix)) since = Math.min(since, this.#since.get(prefix) ?? Infinity);
    return performance.now() - Math.max(since, this.#restarted) > YOUNG;
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
      await this.#servers.reached();
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
    if (sequence > 0) this.#receiveStored(channel, message, sequence);
    else this.#receiveDirect(channel, message);
  }

  #receiveStored(channel: string, { headers, data }: Msg, sequence: number): void {
    const record = decodeRecord(data, sequence);
    if (record === undefined) return;
    const { epoch, origin } = record;
    const event = record.kind === 'publication' ? decodeEvent(record.event) : undefined;
    this.#order.takeStored(channel, {
      epoch,
      offset: sequence - origin,
      previous: Math.max(0, Number(headers?.get('Nats-Last-Sequence') ?? 0) - origin),
      publication: event?.type === 'publication' ? event.publication : undefined,
      standing: record.kind === 'clearance' ? record.offset : undefined,
    });
  }

  #receiveDirect(channel: string, { data }: Msg): void {
    const direct = decodeDirect(data);
    if (direct === undefined) return;
    // Only what several subscriptions match comes more than once.
    if (this.#recent.isRepeated(`${channel}\n${direct.id}`, () => this.#matches(channel) > 1)) return;
    this.#order.takeDirect(channel, direct.event, direct.after);
  }

  #tellDirect(channel: string, text: string): void {
    const event = decodeEvent(text);
    if (event === undefined) return;
    if (event.type === 'publication') this.#listener.published(channel, event.publication, undefined);
    else this.#listener.signalled(channel, event);
  }

  /** How many subscriptions an event of the channel comes by. */
  #matches(channel: string): number {
    let matches = this.#channels.has(channel) ? 1 : 0;
    if (this.#prefixes.size === 0) return matches;
    for (let end = channel.indexOf(':'); end !== -1; end = channel.indexOf(':', end + 1))
      if (this.#prefixes.has(channel.slice(0, end + 1))) matches++;
    return matches;
  }
}
