import { EngineError, type EngineListener, type Left, type Signal } from '@tidewire/hub';
import type { Connection } from './connection.ts';
import { EventReader, EventWriter } from './events.ts';
import { Keys } from './keys.ts';
import { Lease } from './lease.ts';
import { Link } from './link.ts';
import { Members } from './members.ts';
import { Names } from './names.ts';
import type { Settings } from './options.ts';
import { Requests } from './requests.ts';
import type { Session } from './session.ts';
import { Streams } from './streams.ts';

// One node on Redis, from start to stop: puts the parts together, and sees that all of them stand before methods may be
// called, and again after each loss of the session.

export class RedisNode {
  readonly keys: Keys;
  readonly link: Link;
  readonly streams: Streams;
  readonly channels: Names;
  readonly prefixes: Names;
  readonly members: Members;
  readonly lease: Lease;
  readonly requests: Requests;
  readonly #id: string;
  readonly #settings: Settings;
  readonly #listener: EngineListener;
  readonly #writer = new EventWriter();
  readonly #reader: EventReader;
  /** Whether the server may have lost members of this node, and has not got them again. */
  #isLossy = false;
  /** Nodes that this one is burying. */
  readonly #reaping = new Set<string>();

  constructor(settings: Settings, id: string, listener: EngineListener) {
    this.#id = id;
    this.#settings = settings;
    this.#listener = listener;
    this.keys = new Keys(settings.prefix);
    this.#reader = new EventReader(listener);
    this.streams = new Streams(this.keys, this.#writer, settings.maxSize);
    this.members = new Members(this.keys, id);
    this.lease = new Lease(this.keys, id, settings, listener);
    this.requests = new Requests(this.keys, id, listener, (text) => this.streams.writeable(text));
    this.link = new Link(settings, {
      restore: (session) => this.#restore(session),
      restored: () => this.#restored(),
      lost: (reason) => this.#lost(reason),
    });
    const hear = (text: string, events: string) => {
      const channel = this.keys.channelOf(events);
      // What comes before everything stands again is in the history, which is read then.
      if (channel !== undefined && this.link.current !== undefined) this.#reader.read(channel, text);
    };
    this.channels = new Names({
      add: (connection: Connection, names: string[]) => connection.subscribe(names, hear),
      remove: (connection: Connection, names: string[]) => connection.unsubscribe(names, hear),
    });
    this.prefixes = new Names({
      add: (connection: Connection, names: string[]) => connection.subscribePatterns(names, hear),
      remove: (connection: Connection, names: string[]) => connection.unsubscribePatterns(names, hear),
    });
  }

  /** @throws EngineError `UNAVAILABLE` */
  async start(): Promise<void> {
    await this.link.start();
    this.lease.start(() => this.#renew());
    const session = this.link.current;
    if (session === undefined) return;
    // Neither keeps the node from starting: what fails is seen by the session, too.
    await Promise.allSettled([this.members.restored(session, this.#expired), this.#checkPolicy(session)]);
  }

  async stop(): Promise<void> {
    this.lease.stop();
    const session = this.link.current;
    if (session !== undefined) await this.members.reap(session, this.#id, true, () => {}).catch(() => {});
    this.link.stop();
    this.requests.failAll(new EngineError('STOPPED', 'The engine has stopped'));
  }

  async signal({ commands }: Session, channel: string, signal: Signal): Promise<void> {
    await commands.send(['PUBLISH', this.keys.events(channel), this.streams.writeable(this.#writer.write(signal))]);
  }

  async #restore(session: Session): Promise<void> {
    await Promise.all([
      session.events.subscribe([this.keys.node(this.#id)], (text) => this.#told(session, text)),
      this.channels.attach(session.events),
      this.prefixes.attach(session.events),
    ]);
    const { isLossy } = await this.lease.begin(session);
    this.#isLossy ||= isLossy;
    await this.members.restore(session, this.#isLossy, this.#expired);
    this.#isLossy = false;
  }

  #restored(): void {
    this.#listener.resumed();
    const session = this.link.current;
    // What fails now is set right when the next session begins.
    if (session !== undefined) this.members.restored(session, this.#expired).catch(() => {});
  }

  #lost(reason: string): void {
    this.channels.detach();
    this.prefixes.detach();
    this.requests.failAll(new EngineError('UNAVAILABLE', reason));
    this.#listener.interrupted(reason);
  }

  #told(session: Session, text: string): void {
    if (text[0] === 'h') this.lease.heard(text);
    else this.requests.heard(session, text);
  }

  async #renew(): Promise<void> {
    const session = this.link.current;
    if (session === undefined) return;
    try {
      const { isLossy, dead } = await this.lease.renew(session);
      this.#isLossy ||= isLossy;
      // When the server was away, all leases have run out, and their nodes must have time to come back.
      if (isLossy || this.link.age < this.#settings.lease) return;
      await Promise.all(dead.map((node) => this.#reap(session, node)));
    } catch {
      // The session tells of its loss by itself.
    }
  }

  async #reap(session: Session, node: string): Promise<void> {
    if (this.#reaping.has(node)) return;
    this.#reaping.add(node);
    try {
      await this.members.reap(session, node, false, this.#expired);
    } finally {
      this.#reaping.delete(node);
    }
  }

  readonly #expired = (channel: string, left: readonly Left[]): void => this.#listener.expired(channel, left);

  async #checkPolicy({ commands }: Session): Promise<void> {
    const info = String(await commands.send(['INFO', 'memory']));
    const policy = /^maxmemory_policy:([\w-]+)/m.exec(info)?.[1];
    if (policy === undefined || policy === 'noeviction') return;
    this.#settings.warn(
      `Redis may evict keys (maxmemory-policy ${policy}), and with them members and positions: set noeviction`,
    );
  }
}
