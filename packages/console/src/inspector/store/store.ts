import type { ConnectionJson, Direction, InspectorMessage, MessageJson, Rule } from '@tidewire/inspector/recording';
import { Deque } from './deque.ts';
import { type Entry, sizeOf } from './entry.ts';
import { Rates } from './rates.ts';

// What the page knows: connections, and the newest messages of all of them in one ring. What an inspector says goes in; what
// falls out, here or there, is counted. Nothing here knows of a page. The cost of a message does not depend on how many there are.

/** What is kept at most. */
export interface Limits {
  readonly messages: number;
  /** About how much memory the messages may take. */
  readonly bytes: number;
  /** Beyond this, connections that have ended and of which no message is left are forgotten. */
  readonly connections: number;
}

export const defaultLimits: Limits = { messages: 100_000, bytes: 64 * 1024 * 1024, connections: 2000 };

export interface Volume {
  messages: number;
  /** On the wire. */
  bytes: number;
}

/** A connection, and what is kept of its messages. */
export interface Connection {
  record: ConnectionJson;
  readonly entries: Deque<Entry>;
  /** All that was told of it, also what is not kept any more. */
  readonly volume: Readonly<Record<Direction, Volume>>;
}

export type Hello = Extract<InspectorMessage, { type: 'hello' }>;

export class InspectorStore {
  readonly limits: Limits;
  /** By id, in the order in which they were told of. */
  readonly connections = new Map<number, Connection>();
  /** The messages of all connections in the order of `seq`, which has gaps where the page was not told of some. */
  readonly entries = new Deque<Entry>();
  /** Those that wait for a person, by `seq`. */
  readonly held = new Map<number, Entry>();
  /** Of all connections. */
  readonly rates = new Rates();
  hello: Hello | undefined;
  isRecording = true;
  rules: readonly Rule[] = [];
  /** How many messages were told. */
  received = 0;
  /** How many of those are not kept here any more. */
  dropped = 0;
  /** How many the inspector has let go of since it began. */
  fellOut = 0;
  /** Connections that are not kept here any more. */
  forgotten = 0;
  #bytes = 0;
  #missedBefore = 0;
  #missed = 0;
  #lastSeq = 0;

  constructor(limits: Limits = defaultLimits) {
    this.limits = limits;
  }

  /** About how much memory the messages take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many messages the page was never told of, because the inspector had let go of them before. */
  get missed(): number {
    return this.#missedBefore + this.#missed;
  }

  /** From where on to watch, so that nothing comes twice; `undefined` for all that there is, because nothing has come yet. */
  get nextSeq(): number | undefined {
    return this.#lastSeq === 0 ? undefined : this.#lastSeq + 1;
  }

  /**
   * Takes what the inspector says.
   * @returns false if it is another recording than the one that is here: the store is empty then, and has to be told all again
   */
  take(message: InspectorMessage): boolean {
    if (message.type === 'hello') this.hello = message;
    else if (message.type === 'state') {
      this.isRecording = message.isRecording;
      this.rules = message.rules;
    } else if (message.type === 'cleared') {
      this.#clear(new Set(message.connections));
      this.#lastSeq = message.through;
    } else if (message.type === 'news') {
      if (message.connections.some((record) => this.#isAnother(record))) {
        this.#forgetAll();
        return false;
      }
      for (const record of message.connections) this.#takeConnection(record);
      for (const one of message.messages) this.#takeMessage(one);
      this.fellOut = message.fellOut;
      this.#missed = message.missed;
    }
    return true;
  }

  /** Must be called whenever the inspector is asked to tell: it counts from there. */
  watched(): void {
    this.#missedBefore += this.#missed;
    this.#missed = 0;
  }

  find(seq: number): Entry | undefined {
    const entry = this.entries.at(this.entries.search(({ message }) => message.seq >= seq));
    return entry?.message.seq === seq ? entry : undefined;
  }

  /** Forgets messages, and connections but those with these ids. */
  #clear(kept: ReadonlySet<number>): void {
    this.entries.clear();
    this.held.clear();
    this.rates.clear();
    this.#bytes = 0;
    this.received = 0;
    this.dropped = 0;
    // The inspector goes on counting from where it was asked to tell.
    this.#missedBefore = -this.#missed;
    this.forgotten = 0;
    for (const [id, { entries, volume }] of this.connections) {
      entries.clear();
      for (const way of [volume.toServer, volume.toClient]) Object.assign(way, { messages: 0, bytes: 0 });
      if (!kept.has(id)) this.connections.delete(id);
    }
  }

  /** An inspector that was started again counts from 1 again. */
  #isAnother({ id, openedAt }: ConnectionJson): boolean {
    const known = this.connections.get(id);
    return known !== undefined && known.record.openedAt !== openedAt;
  }

  #forgetAll(): void {
    this.#clear(new Set());
    this.#missed = 0;
    this.#missedBefore = 0;
    this.#lastSeq = 0;
  }

  #takeConnection(record: ConnectionJson): void {
    const known = this.connections.get(record.id);
    if (known !== undefined) {
      known.record = record;
      return;
    }
    const volume = { toServer: { messages: 0, bytes: 0 }, toClient: { messages: 0, bytes: 0 } };
    this.connections.set(record.id, { record, entries: new Deque(), volume });
    if (this.connections.size > this.limits.connections) this.#forgetConnection();
  }

  #takeMessage(message: MessageJson): void {
    if (message.seq <= this.#lastSeq) this.#update(message);
    else {
      this.#lastSeq = message.seq;
      const entry = { message };
      this.received += 1;
      this.entries.push(entry);
      this.#bytes += sizeOf(entry);
      this.rates.add(message);
      const connection = this.connections.get(message.connection);
      if (connection !== undefined) {
        connection.entries.push(entry);
        const volume = connection.volume[message.direction];
        volume.messages += 1;
        volume.bytes += message.wireLength;
      }
      this.#noteHeld(entry);
      while (this.entries.length > this.limits.messages || this.#bytes > this.limits.bytes) this.#drop();
    }
  }

  /** What became of a message that is known. */
  #update(message: MessageJson): void {
    const entry = this.find(message.seq);
    if (entry === undefined) {
      this.held.delete(message.seq);
      return;
    }
    this.#bytes -= sizeOf(entry);
    entry.message = message;
    this.#bytes += sizeOf(entry);
    this.#noteHeld(entry);
  }

  #noteHeld(entry: Entry): void {
    const { seq, fate } = entry.message;
    if (fate === 'held') this.held.set(seq, entry);
    else this.held.delete(seq);
  }

  #drop(): void {
    const entry = this.entries.shift();
    if (entry === undefined) return;
    this.#bytes -= sizeOf(entry);
    this.dropped += 1;
    const { connection, seq } = entry.message;
    this.held.delete(seq);
    // The oldest of all is the oldest of its connection.
    this.connections.get(connection)?.entries.shift();
  }

  #forgetConnection(): void {
    for (const [id, { record, entries }] of this.connections) {
      if (record.end === undefined || entries.length > 0) continue;
      this.connections.delete(id);
      this.forgotten += 1;
      return;
    }
  }
}
