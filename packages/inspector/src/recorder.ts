import type { ConnectionEnd, ConnectionRecord, MessageRecord } from './recording/index.ts';
import { Ring } from './ring.ts';

// What is recorded, in memory: the latest messages and the connections that they went over. Whoever listens is told in batches of a
// turn, so that ten thousand messages a second are a few hundred calls.

const MiB = 1024 * 1024;

export interface RecorderOptions {
  /** What is kept of messages at most, about, in bytes. Default 64 MiB. */
  readonly bytes?: number | undefined;
  /** How many are kept. Default 100,000. */
  readonly messages?: number | undefined;
  /** Bytes that are kept of one message. Default 1 MiB. */
  readonly bytesOfMessage?: number | undefined;
  /** Connections that are kept after they have ended, the latest. Default 10,000. */
  readonly endedConnections?: number | undefined;
}

/** What has happened in a turn. */
export interface Batch {
  /** New ones, and those that have changed, as they are now. */
  readonly connections: readonly ConnectionRecord[];
  /** New ones, in order. */
  readonly messages: readonly MessageRecord[];
  /** Of which it is clear now what became of them. They may be among the new ones, too. */
  readonly changed: readonly MessageRecord[];
}

export type RecorderListener = (batch: Batch) => void;

export class Recorder {
  /** What is kept at most, with the defaults. */
  readonly keeps: { readonly bytes: number; readonly messages: number; readonly bytesOfMessage: number };
  readonly #endedConnections: number;
  readonly #ring: Ring;
  readonly #connections = new Map<number, ConnectionRecord>();
  /** Those that have ended, the one that ended first first. */
  readonly #ended = new Set<number>();
  readonly #listeners = new Set<RecorderListener>();
  #lastConnection = 0;
  #isRecording = true;
  #newConnections = new Set<number>();
  #newMessages: MessageRecord[] = [];
  #changed: MessageRecord[] = [];
  #isTelling = false;

  /** @throws RangeError naming the option that makes no sense */
  constructor(options: RecorderOptions = {}) {
    this.keeps = {
      bytes: atLeastOne('bytes', options.bytes, 64 * MiB),
      messages: atLeastOne('messages', options.messages, 100_000),
      bytesOfMessage: atLeastOne('bytesOfMessage', options.bytesOfMessage, MiB),
    };
    this.#endedConnections = atLeastOne('endedConnections', options.endedConnections, 10_000);
    this.#ring = new Ring(this.keeps);
  }

  /** Whether connections that are opened are recorded. Those that are recorded already stay so. */
  get isRecording(): boolean {
    return this.#isRecording;
  }

  set isRecording(isOn: boolean) {
    this.#isRecording = isOn;
  }

  get firstSeq(): number {
    return this.#ring.firstSeq;
  }

  get nextSeq(): number {
    return this.#ring.nextSeq;
  }

  /** Messages that had to make room for later ones. */
  get fellOut(): number {
    return this.#ring.fellOut;
  }

  get connections(): Iterable<ConnectionRecord> {
    return this.#connections.values();
  }

  connection(id: number): ConnectionRecord | undefined {
    return this.#connections.get(id);
  }

  message(seq: number): MessageRecord | undefined {
    return this.#ring.get(seq);
  }

  /** Those that are kept, in order. */
  messages(from?: number): Iterable<MessageRecord> {
    return this.#ring.values(from);
  }

  /** Calls `listener` with what is new, once for each turn in which something is. Returns what ends that. */
  listen(listener: RecorderListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A connection begins. Returns it with its number. */
  open(connection: Omit<ConnectionRecord, 'id'>): ConnectionRecord {
    const record = { id: ++this.#lastConnection, ...connection };
    this.#connections.set(record.id, record);
    this.#tellConnection(record.id);
    if (record.end !== undefined) this.#noteEnd(record.id);
    return record;
  }

  /** Something has become known of a connection. */
  update(id: number, changes: Partial<Omit<ConnectionRecord, 'id'>>): void {
    const before = this.#connections.get(id);
    if (before === undefined) return;
    this.#connections.set(id, { ...before, ...changes });
    this.#tellConnection(id);
  }

  /** A connection has ended; only the first end that is told of counts. */
  close(id: number, end: ConnectionEnd): void {
    if (this.#connections.get(id)?.end !== undefined) return;
    this.update(id, { end });
    this.#noteEnd(id);
  }

  /** Adds a message. Returns it with its number, which is `nextSeq`: a copy, unless it has that already. */
  add(message: Omit<MessageRecord, 'seq'> & { readonly seq?: number }): MessageRecord {
    const seq = this.nextSeq;
    const record = hasNumber(message, seq) ? message : { ...message, seq };
    this.#ring.push(record);
    if (this.#listeners.size > 0) {
      this.#newMessages.push(record);
      this.#tell();
    }
    return record;
  }

  /** Something has become known of a message, which may have fallen out. */
  change(seq: number, changes: Partial<Omit<MessageRecord, 'seq'>>): void {
    const before = this.#ring.get(seq);
    if (before === undefined) return;
    const record = { ...before, ...changes };
    this.#ring.replace(record);
    if (this.#listeners.size === 0) return;
    this.#changed.push(record);
    this.#tell();
  }

  /** Forgets all messages, and connections that have ended. Numbers go on. */
  clear(): void {
    this.#ring.clear();
    for (const id of this.#ended) this.#connections.delete(id);
    this.#ended.clear();
  }

  #noteEnd(id: number): void {
    this.#ended.add(id);
    for (const oldest of this.#ended) {
      if (this.#ended.size <= this.#endedConnections) break;
      this.#ended.delete(oldest);
      this.#connections.delete(oldest);
    }
  }

  #tellConnection(id: number): void {
    if (this.#listeners.size === 0) return;
    this.#newConnections.add(id);
    this.#tell();
  }

  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => this.#tellNow());
  }

  #tellNow(): void {
    const connections = [...this.#newConnections].flatMap((id) => this.#connections.get(id) ?? []);
    const batch = { connections, messages: this.#newMessages, changed: this.#changed };
    this.#newConnections = new Set();
    this.#newMessages = [];
    this.#changed = [];
    this.#isTelling = false;
    for (const listener of this.#listeners) listener(batch);
  }
}

function hasNumber(message: { readonly seq?: number }, seq: number): message is MessageRecord {
  return message.seq === seq;
}

function atLeastOne(name: string, value: number | undefined, standard: number): number {
  if (value === undefined) return standard;
  if (Number.isFinite(value) && value >= 1) return value;
  throw new RangeError(`${name} must be a number from 1 on, not ${String(value)}`);
}
