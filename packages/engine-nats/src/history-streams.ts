import { randomBytes } from 'node:crypto';
import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { EngineError, type Retention } from '@tidewire/hub';
import { apiCode } from './failures.ts';
import type { Link } from './link.ts';
import type { Settings } from './options.ts';
import type { Subjects } from './subjects.ts';

// The streams of JetStream that keep publications: one for each name of a retention. The subjects of a stream have an id in
// them that whoever makes the stream chooses at random, its incarnation. So a node that still believes in a stream that was
// deleted and made again publishes to subjects that nobody takes, and asks anew. A stream that is found to have lost what it had
// acknowledged is made anew: all channels begin again, with other epochs.
//
// A publication stays in its stream for `positionTtl`, since the newest one is what tells epoch and last offset, and the one
// before the oldest that is given tells that none is missing. What is older than `ttl` is not given to anybody.

export const STREAM_NOT_FOUND = 10059;
const STREAM_EXISTS = 10058;
const INVALID_CONFIG = 10052;
const NOT_CLUSTERED = 10074;
const NO_SUITABLE_PEERS = 10005;

/** Milliseconds in which a message id is known. */
const DUPLICATE_WINDOW = 300_000;
const NANOSECONDS = 1_000_000;

export interface HistoryStream {
  readonly name: string;
  readonly retention: string;
  /** Names the incarnation. */
  readonly id: string;
  /** Begins the subjects, before the channel. */
  readonly base: string;
  /** The highest sequence that this node has seen. */
  highest: number;
}

export class HistoryStreams {
  readonly #link: Link;
  readonly #settings: Settings;
  readonly #subjects: Subjects;
  readonly #known = new Map<
    string,
    { limits: string; stream: Promise<HistoryStream>; ready: HistoryStream | undefined }
  >();
  /** The highest sequence of an incarnation, which outlives what else is known of it. */
  readonly #highest = new Map<string, { id: string; sequence: number }>();
  readonly #leaders = new Map<string, string>();
  readonly #moved: () => void;
  #replicas: number | undefined;

  /** @param moved a stream has another leader: the old one may have died with what it had yet to send */
  constructor(link: Link, settings: Settings, subjects: Subjects, moved: () => void) {
    this.#moved = moved;
    this.#link = link;
    this.#settings = settings;
    this.#subjects = subjects;
    this.#replicas = settings.replicas;
  }

  /** The stream as it should be, made if there is none. */
  async of(retention: Retention): Promise<HistoryStream> {
    const limits = `${retention.size} ${retention.ttl} ${retention.positionTtl}`;
    const known = this.#known.get(retention.name);
    if (known?.limits === limits) return known.stream;
    const entry = { limits, stream: this.#ensured(retention), ready: undefined as HistoryStream | undefined };
    this.#known.set(retention.name, entry);
    try {
      entry.ready = await entry.stream;
      return entry.ready;
    } catch (error) {
      if (this.#known.get(retention.name) === entry) this.#known.delete(retention.name);
      throw error;
    }
  }

  /** What is known of it may be wrong: the next question asks the server. */
  forget(stream: HistoryStream): void {
    this.#keepHighest(stream);
    const known = this.#known.get(stream.retention);
    if (known?.ready === stream) this.#known.delete(stream.retention);
  }

  forgetAll(): void {
    for (const { ready } of this.#known.values()) if (ready !== undefined) this.forget(ready);
  }

  /** Hears of elections from now on. */
  watch(): void {
    this.#link.nats.subscribe('$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.>', {
      callback: (error, message) => {
        const advisory: unknown = error === null ? message.json() : undefined;
        if (typeof advisory === 'object' && advisory !== null && 'stream' in advisory && 'leader' in advisory)
          this.#leaderElected(String(advisory.stream), String(advisory.leader));
      },
    });
  }

  saw(stream: HistoryStream, sequence: number): void {
    if (sequence > stream.highest) stream.highest = sequence;
  }

  /** Begins again, since the stream has lost what it had. Other nodes find out when nobody takes what they publish. */
  async renew(stream: HistoryStream): Promise<void> {
    this.forget(stream);
    const info = await this.#info(stream.name);
    if (info !== undefined && idOf(info) === stream.id) await this.#link.jsm.streams.delete(stream.name);
  }

  /** Tells `moved` if it is a stream in use, and had another leader. */
  #leaderElected(name: string, leader: string): void {
    const before = this.#leaders.get(name);
    if (before === undefined || before === leader) return;
    this.#leaders.set(name, leader);
    this.#moved();
  }

  async #ensured(retention: Retention): Promise<HistoryStream> {
    const name = this.#subjects.historyStream(retention.name);
    let info = (await this.#info(name)) ?? (await this.#madeFor(name, retention));
    if (await this.#hasLost(info, retention.name)) {
      await this.#link.jsm.streams.delete(name);
      info = await this.#madeFor(name, retention);
    }
    const limits = limitsOf(retention);
    if (limits.max_msgs_per_subject !== info.config.max_msgs_per_subject || limits.max_age !== info.config.max_age)
      info = await this.#changed(info, limits);
    const id = idOf(info);
    const leader = info.cluster?.leader;
    if (leader !== undefined) {
      if (this.#leaders.has(name)) this.#leaderElected(name, leader);
      else this.#leaders.set(name, leader);
    }
    return {
      name,
      retention: retention.name,
      id,
      base: this.#subjects.history(retention.name, id),
      highest: info.state.last_seq,
    };
  }

  /** A leader that was just elected may not know yet how far the stream goes; what it acknowledges tells for certain. */
  async #hasLost(info: StreamInfo, retention: string): Promise<boolean> {
    const highest = this.#highest.get(retention);
    if (highest === undefined || highest.id !== idOf(info) || info.state.last_seq >= highest.sequence) return false;
    const { seq } = await this.#link.js.publish(`${this.#subjects.history(retention, highest.id)}.=probe`, 'probe');
    return seq <= highest.sequence;
  }

  async #info(name: string): Promise<StreamInfo | undefined> {
    try {
      return await this.#link.jsm.streams.info(name);
    } catch (error) {
      if (apiCode(error) === STREAM_NOT_FOUND) return undefined;
      throw error;
    }
  }

  #changed(info: StreamInfo, change: Partial<StreamConfig>): Promise<StreamInfo> {
    return this.#link.jsm.streams.update(info.config.name, { ...info.config, ...change });
  }

  async #madeFor(name: string, retention: Retention): Promise<StreamInfo> {
    return this.made({
      name,
      ...this.#naming(retention.name, newId()),
      ...limitsOf(retention),
      storage: this.#settings.storage,
      allow_rollup_hdrs: true,
    });
  }

  /** With as many replicas as there are to be. If somebody else is faster, the stream is theirs. */
  async made(config: Partial<StreamConfig> & { name: string }): Promise<StreamInfo> {
    const { streams } = this.#link.jsm;
    const wanted = this.#replicas ?? 3;
    try {
      const info = await streams.add({ ...config, num_replicas: wanted });
      this.#replicas = wanted;
      return info;
    } catch (error) {
      const code = apiCode(error);
      // In a cluster, who makes it in the very moment is told that it changes the one of somebody else.
      const theirs = code === STREAM_EXISTS || code === INVALID_CONFIG ? await this.#info(config.name) : undefined;
      if (theirs !== undefined) return theirs;
      if (this.#replicas !== undefined || !(code === NOT_CLUSTERED || (code === NO_SUITABLE_PEERS && this.#isSmall())))
        throw code === NO_SUITABLE_PEERS ? new EngineError('UNAVAILABLE', tooFewServers, { cause: error }) : error;
      this.#replicas = 1;
      return this.made(config);
    }
  }

  /** A cluster of three of which one is down is not a cluster of two. */
  #isSmall(): boolean {
    return (this.#link.nats.info?.connect_urls?.length ?? 1) < 3 && this.#settings.servers.length < 3;
  }

  #naming(retention: string, id: string): Partial<StreamConfig> {
    const all = `${this.#subjects.history(retention, id)}.>`;
    return { subjects: [all], republish: { src: all, dest: this.#subjects.events('>') } };
  }

  #keepHighest({ retention, id, highest }: HistoryStream): void {
    const known = this.#highest.get(retention);
    if (known?.id !== id || known.sequence < highest) this.#highest.set(retention, { id, sequence: highest });
  }
}

const tooFewServers =
  'NATS: too few servers of the cluster are up to keep three replicas; the option `replicas` allows for fewer';

/** One more than are given: the one before the oldest shows that nothing is missing between them. */
function limitsOf({ size, ttl, positionTtl }: Retention) {
  const age = Math.max(ttl, positionTtl);
  return {
    max_msgs_per_subject: size + 1,
    max_age: age * NANOSECONDS,
    duplicate_window: Math.min(age, DUPLICATE_WINDOW) * NANOSECONDS,
  };
}

function idOf(info: StreamInfo): string {
  return info.config.subjects[0]?.split('.')[3] ?? '';
}

function newId(): string {
  return randomBytes(6).toString('hex');
}
