import { randomBytes } from 'node:crypto';
import {
  type EngineListener,
  encodeEvent,
  type History,
  type HistoryRequest,
  type Publication,
  type Published,
  type Retention,
  type Signal,
  type StreamPosition,
} from '@tidewire/hub';
import { Beats } from './beats.ts';
import { ChannelLog } from './channel-log.ts';
import { Continuity } from './continuity.ts';
import { Departures } from './departures.ts';
import { encodeDirect } from './direct-events.ts';
import { within } from './failures.ts';
import { HistoryStreams } from './history-streams.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { Link } from './link.ts';
import { MemberEntries } from './member-entries.ts';
import { Members } from './members.ts';
import type { Settings } from './options.ts';
import { OtherServers } from './other-servers.ts';
import { Outbox } from './outbox.ts';
import { Reader } from './reader.ts';
import { answering, Requests } from './requests.ts';
import { Seat } from './seat.ts';
import { SeatSets } from './seat-sets.ts';
import { encodeChannel, Subjects } from './subjects.ts';
import { Subscriptions } from './subscriptions.ts';

// One started node: its parts, and when its events are interrupted. That is so when its connection is, when it cannot renew its
// lease, and for a moment when events may have been lost on their way between servers: when a stream has another leader, since the
// old one may have died with what it had yet to send, and when a publication was missed.

export class NatsNode {
  readonly link: Link;
  readonly log: ChannelLog;
  readonly outbox: Outbox;
  readonly subscriptions: Subscriptions;
  readonly requests: Requests;
  readonly members: Members;
  readonly seat: Seat;
  readonly #settings: Settings;
  readonly #listener: EngineListener;
  readonly #subjects: Subjects;
  readonly #streams: HistoryStreams;
  readonly #keys: IdempotencyKeys;
  readonly #servers: OtherServers;
  readonly #beats: Beats;
  readonly #continuity: Continuity;
  readonly #sender = randomBytes(9).toString('base64url');
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #isTicking = false;
  /** Whether the streams of leases and members are there. */
  #isPrepared = true;
  #isStopped = false;
  /** The last seat that questions are answered for. */
  #answered = '';

  static async start(settings: Settings, id: string, listener: EngineListener): Promise<NatsNode> {
    let node: NatsNode | undefined;
    const link = await Link.open(settings, id, {
      down: (reason) => {
        if (node !== undefined) node.#continuity.break('connection', reason);
      },
      up: () => {
        if (node !== undefined) node.#up();
      },
    });
    node = new NatsNode(link, settings, id, listener);
    try {
      await node.#begin(id);
      return node;
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  private constructor(link: Link, settings: Settings, id: string, listener: EngineListener) {
    this.link = link;
    this.#settings = settings;
    this.#listener = listener;
    this.#subjects = new Subjects(settings.prefix);
    this.#streams = new HistoryStreams(link, settings, this.#subjects, () => {
      this.log.forgetOrigins();
      this.#continuity.doubt('a stream has another leader');
    });
    this.#keys = new IdempotencyKeys(link, this.#streams, this.#subjects);
    const reader = new Reader(link);
    this.log = new ChannelLog(link, this.#streams, reader);
    this.#continuity = new Continuity({
      interrupted: (reason) => listener.interrupted(reason),
      resumed: () => this.#resumed(),
    });
    const isMissing = (channel: string, position: StreamPosition) => this.subscriptions.isMissing(channel, position);
    const missed = () => this.#continuity.doubt('a publication was missed');
    this.#servers = new OtherServers(link, this.#subjects);
    this.subscriptions = new Subscriptions(link, this.#subjects, listener, this.#servers, missed);
    this.#beats = new Beats(
      this.#sender,
      (payload) => this.#sendBeat(payload),
      isMissing,
      () => link.flushed(),
      missed,
    );
    this.outbox = new Outbox((channel, position) => this.#beats.stored(channel, position));
    this.requests = new Requests(link, this.#subjects);
    const entries = new MemberEntries(link, reader, this.#subjects);
    const sets = new SeatSets(link, reader, entries.stream);
    const departures = new Departures(link, reader, this.#subjects, entries, sets);
    this.seat = new Seat(link, reader, this.#streams, this.#subjects, departures, id, settings.lease, {
      describe: () => listener.describe(),
      expired: (channel, left) => listener.expired(channel, left),
      lapsed: (seat) => this.#lapsed(seat),
    });
    this.members = new Members(link, id, this.seat.id, this.#subjects, entries, sets);
  }

  async history(channel: string, retention: Retention, request: HistoryRequest): Promise<History> {
    const { history, sequence } = await this.log.history(channel, retention, request);
    const { epoch, offset } = history.position;
    this.subscriptions.learned(channel, { epoch, offset: sequence }, offset);
    return history;
  }

  /** A publication without a history. */
  async publishDirect(channel: string, publication: Publication, key: string | undefined): Promise<Published> {
    const event = encodeEvent({ type: 'publication', publication });
    let isDuplicate = false;
    await this.outbox.signal(channel, async () => {
      isDuplicate = key !== undefined && !(await this.#keys.claim(channel, key));
      if (!isDuplicate) await this.#send(channel, event);
    });
    return { position: undefined, isDuplicate };
  }

  signal(channel: string, signal: Signal): Promise<void> {
    return this.outbox.signal(channel, () => this.#send(channel, encodeEvent(signal)));
  }

  async #send(channel: string, event: string): Promise<void> {
    const payload = encodeDirect(this.#sender, ++this.#count, this.outbox.acknowledged(channel), event);
    this.link.checkSize(payload);
    await this.link.send(this.#subjects.events(encodeChannel(channel)), payload);
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.subscriptions.close();
    this.requests.close();
    this.#servers.close();
    this.#beats.close();
    this.#continuity.close();
    if (this.link.isUp) await within(this.seat.leave(), Math.min(5000, this.#settings.timeout)).catch(() => {});
    await this.link.close();
  }

  async #begin(id: string): Promise<void> {
    this.#servers.greet();
    this.requests.listen(id, this.#listener);
    this.#answerFor(this.seat.id);
    this.#streams.watch();
    this.link.nats.subscribe(this.#subjects.beats, {
      callback: (error, message) => {
        if (error === null) this.#beats.receive(message.string());
      },
    });
    await this.seat.take();
    await this.link.flushed();
    this.#tickLater();
  }

  #sendBeat(payload: string): void {
    if (!this.link.isUp || this.#isStopped) return;
    this.link.send(this.#subjects.beats, Buffer.from(payload)).catch(() => {});
  }

  #answerFor(seat: string): void {
    this.#answered = seat;
    answering(this.link, this.#subjects.memberRequests(seat), (request) => this.members.answer(request));
  }

  #tickLater(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#tick(), this.#settings.lease / 3);
  }

  /** Renews the lease, and looks after those that were not renewed. What fails is tried again with the next. */
  async #tick(): Promise<void> {
    this.#tickLater();
    if (this.#isTicking || !this.link.isUp) return;
    this.#isTicking = true;
    this.#beats.beat();
    try {
      await this.#renew();
      await this.members.settle();
      await this.seat.reap();
    } catch {
      // Whoever asks the servers something is told that they do not answer.
    } finally {
      this.#isTicking = false;
    }
  }

  /** Servers that do not answer, or have lost their streams, may be a minority that hears nothing of what the others store. */
  async #renew(): Promise<void> {
    try {
      if (!this.#isPrepared) await this.seat.prepare();
      await this.seat.renew();
      if (!this.#isPrepared) this.seat.wait();
      this.#isPrepared = true;
    } catch (error) {
      this.#isPrepared = false;
      if (!this.#isStopped && this.link.isUp)
        this.#continuity.break('lease', error instanceof Error ? error.message : String(error));
      throw error;
    }
    this.#continuity.mend('lease');
  }

  async #lapsed(seat: string | undefined): Promise<void> {
    this.#continuity.doubt('the lease had run out');
    if (seat === undefined) return;
    if (seat !== this.#answered) this.#answerFor(seat);
    await this.members.moveTo(seat);
  }

  #up(): void {
    if (this.#isStopped) return;
    this.#servers.greet();
    this.log.forget();
    this.seat.wait();
    this.#isPrepared = false;
    this.#continuity.mend('connection');
    clearTimeout(this.#timer);
    void this.#tick();
  }

  /** The hub looks into the history of all that it follows. */
  #resumed(): void {
    this.subscriptions.restart();
    this.#beats.forget();
    this.#listener.resumed();
  }
}
