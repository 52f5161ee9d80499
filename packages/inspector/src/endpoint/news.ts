import type { Batch, Recorder } from '../recorder.ts';
import { type ConnectionRecord, type InspectorMessage, type MessageRecord, messageToJson } from '../recording/index.ts';

// What one page is yet to be told. It reads the ring at its own pace: what falls out before it has come there is counted as missed.

export type News = Extract<InspectorMessage, { type: 'news' }>;

/** What is shown of a message until somebody asks for the whole, in bytes or characters. */
const SHOWN = 2048;

/** So much is looked at for secrets, so that none that begins in what is shown is cut in two. */
const LOOKED_AT = 2 * SHOWN;

/** Of one piece of news: characters of payload, about; messages; connections. */
const MOST_TEXT = 1024 * 1024;
const MOST_MESSAGES = 4000;
const MOST_CONNECTIONS = 500;

/** Takes secrets away, or leaves all as it is. */
export interface Masking {
  readonly isOn: boolean;
  connection(record: ConnectionRecord): ConnectionRecord;
  message(record: MessageRecord): MessageRecord;
}

export class PageNews {
  readonly #recorder: Recorder;
  readonly #masking: Masking;
  #isWatching = false;
  /** The next one that the page is to be told of. */
  #next = 1;
  #missed = 0;
  readonly #connections = new Set<number>();
  /** Those that it has been told of, of which more is known now. */
  readonly #changed = new Set<number>();

  constructor(recorder: Recorder, masking: Masking) {
    this.#recorder = recorder;
    this.#masking = masking;
  }

  /** Whether there is something to tell. */
  get isWaiting(): boolean {
    if (!this.#isWatching) return false;
    return this.#next < this.#recorder.nextSeq || this.#connections.size > 0 || this.#changed.size > 0;
  }

  watch(from: number | undefined): void {
    this.#isWatching = true;
    this.#next = Math.min(from ?? this.#recorder.firstSeq, this.#recorder.nextSeq);
    this.#missed = 0;
    this.#changed.clear();
    for (const { id } of this.#recorder.connections) this.#connections.add(id);
  }

  pause(): void {
    this.#isWatching = false;
    this.#connections.clear();
    this.#changed.clear();
  }

  /** Everything was forgotten: that is not missed. */
  cleared(): void {
    this.#next = this.#recorder.nextSeq;
    this.#changed.clear();
  }

  note({ connections, changed }: Batch): void {
    if (!this.#isWatching) return;
    for (const { id } of connections) this.#connections.add(id);
    for (const { seq } of changed) if (seq < this.#next) this.#changed.add(seq);
  }

  /** What to tell now; there may be more. */
  take(): News {
    const connections = this.#takeConnections();
    const messages = [...this.#takeChanged(), ...this.#takeMessages()];
    return {
      type: 'news',
      connections,
      messages: messages.map((record) => messageToJson(shorten(this.#masking.message(bounded(record, LOOKED_AT))))),
      fellOut: this.#recorder.fellOut,
      missed: this.#missed,
    };
  }

  #takeConnections(): ConnectionRecord[] {
    const taken: ConnectionRecord[] = [];
    for (const id of this.#connections) {
      if (taken.length === MOST_CONNECTIONS) break;
      this.#connections.delete(id);
      const record = this.#recorder.connection(id);
      if (record !== undefined) taken.push(this.#masking.connection(record));
    }
    return taken;
  }

  #takeChanged(): MessageRecord[] {
    const taken = [...this.#changed].flatMap((seq) => this.#recorder.message(seq) ?? []);
    this.#changed.clear();
    return taken;
  }

  /** None before its connection has been told of. */
  #takeMessages(): MessageRecord[] {
    const { firstSeq } = this.#recorder;
    const taken: MessageRecord[] = [];
    if (this.#connections.size > 0) return taken;
    if (this.#next < firstSeq) {
      this.#missed += firstSeq - this.#next;
      this.#next = firstSeq;
    }
    let text = 0;
    for (const record of this.#recorder.messages(this.#next)) {
      if (taken.length === MOST_MESSAGES || text > MOST_TEXT) break;
      taken.push(record);
      text += Math.min(record.data.length, SHOWN) + Math.min(record.original?.length ?? 0, SHOWN);
      this.#next = record.seq + 1;
    }
    return taken;
  }
}

/** Whether a page is told the beginning of its payload only. */
export function isToldInPart({ data }: MessageRecord): boolean {
  return data.length > SHOWN;
}

function shorten(record: MessageRecord): MessageRecord {
  return bounded(record, SHOWN);
}

/** With so many bytes or characters at most of its content. */
function bounded(record: MessageRecord, most: number): MessageRecord {
  const { data, original } = record;
  if (data.length <= most && (original === undefined || original.length <= most)) return record;
  const short = { ...record, data: firstOf(data, most) };
  return original === undefined ? short : { ...short, original: firstOf(original, most) };
}

function firstOf(data: string | Uint8Array, most: number): string | Uint8Array {
  if (data.length <= most) return data;
  if (typeof data !== 'string') return data.subarray(0, most);
  const last = data.charCodeAt(most - 1);
  return data.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}
