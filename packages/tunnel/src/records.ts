import { VarintReader, varintLength, writeVarint } from './varint.ts';

// The records of which bodies are made: PROTOCOL.md, section 3.

export const VERSION = 1;

/** The most bytes of the stream in one record: what is lost at most when a body is cut off. */
export const MAX_DATA = 16_384;
const MAX_PAYLOAD = MAX_DATA + 8;
export const KEY_LENGTH = 16;
/** The most bytes that HEAD has: type, length, version and mode, number, known limit and key. */
export const LONGEST_HEAD = 1 + 8 + 2 + 8 + 8 + KEY_LENGTH;

/** What a request wants to have answered: PROTOCOL.md, section 4. */
export type Mode = 'SEND' | 'TAKE' | 'WAIT' | 'STREAM';
const modes: readonly Mode[] = ['SEND', 'TAKE', 'WAIT', 'STREAM'];

export interface Head {
  readonly type: 'HEAD';
  readonly version: number;
  readonly mode: Mode;
  /** Which receiving request it is, counted from 1. */
  readonly number: number;
  /** Up to where the client knows that it may send. */
  readonly knownLimit: number;
  /** A view of the body. */
  readonly key: Uint8Array;
}

export type TunnelRecord =
  | Head
  | { readonly type: 'HELLO'; readonly version: number }
  | { readonly type: 'ACK'; readonly received: number; readonly limit: number }
  /** `bytes` is a view of the body. */
  | { readonly type: 'DATA'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: 'END'; readonly offset: number }
  | { readonly type: 'RESET' | 'ALIVE' | 'PROOF' | 'DONE' };

type RecordType = TunnelRecord['type'];

const types: readonly RecordType[] = ['HEAD', 'HELLO', 'ACK', 'DATA', 'END', 'RESET', 'ALIVE', 'PROOF', 'DONE'];

/** "TWT": nobody else's answer begins like this. */
const MAGIC = [0x54, 0x57, 0x54] as const;
const NOTHING = new Uint8Array(0);

/** A record as bytes. */
export function encodeRecord(record: TunnelRecord): Uint8Array {
  switch (record.type) {
    case 'HEAD': {
      const { version, mode, number, knownLimit, key } = record;
      return encode(record.type, [number, knownLimit], key, [version, modes.indexOf(mode)]);
    }
    case 'HELLO':
      return encode(record.type, [], NOTHING, [...MAGIC, record.version]);
    case 'ACK':
      return encode(record.type, [record.received, record.limit]);
    case 'DATA':
      return encode(record.type, [record.offset], record.bytes);
    case 'END':
      return encode(record.type, [record.offset]);
    default:
      return encode(record.type, []);
  }
}

/** `first`, then the numbers, then the bytes. */
function encode(
  type: RecordType,
  numbers: readonly number[],
  bytes: Uint8Array = NOTHING,
  first: readonly number[] = [],
): Uint8Array {
  const length = first.length + numbers.reduce((sum, number) => sum + varintLength(number), 0) + bytes.length;
  const record = new Uint8Array(1 + varintLength(length) + length);
  record[0] = types.indexOf(type) + 1;
  let at = writeVarint(length, record, 1);
  record.set(first, at);
  at += first.length;
  for (const number of numbers) at = writeVarint(number, record, at);
  record.set(bytes, at);
  return record;
}

/** What is next in the bytes: a record and where it ends, or that it is not whole, or none. */
type Read = { readonly record: TunnelRecord; readonly end: number } | 'cut' | 'malformed';

function readRecord(bytes: Uint8Array, start: number): Read {
  const type = types[Number(bytes[start]) - 1];
  if (type === undefined) return 'malformed';
  const reader = new VarintReader(bytes, start + 1, bytes.length);
  if (reader.isCut) return 'cut';
  const length = reader.next();
  if (!(length <= MAX_PAYLOAD)) return 'malformed';
  const end = reader.at + length;
  if (end > bytes.length) return 'cut';
  const record = readPayload(type, bytes, reader.at, end);
  return record === undefined ? 'malformed' : { record, end };
}

function readPayload(type: RecordType, bytes: Uint8Array, start: number, end: number): TunnelRecord | undefined {
  switch (type) {
    case 'HEAD':
      return readHead(bytes, start, end);
    case 'HELLO':
      return readHello(bytes.subarray(start, end));
    case 'ACK': {
      const [received, limit] = readNumbers(bytes, start, end);
      return received === undefined || limit === undefined ? undefined : { type, received, limit };
    }
    case 'DATA': {
      const reader = new VarintReader(bytes, start, end);
      const offset = reader.next();
      const size = end - reader.at;
      // The last byte's offset must be a number, too.
      if (!Number.isSafeInteger(offset + size) || size === 0 || size > MAX_DATA) return undefined;
      return { type, offset, bytes: bytes.subarray(reader.at, end) };
    }
    case 'END': {
      const [offset, more] = readNumbers(bytes, start, end);
      return offset === undefined || more !== undefined || offset === Number.MAX_SAFE_INTEGER
        ? undefined
        : { type, offset };
    }
    default:
      return start === end ? { type } : undefined;
  }
}

function readHello(payload: Uint8Array): TunnelRecord | undefined {
  const version = payload[MAGIC.length];
  const isOurs = payload.length === MAGIC.length + 1 && MAGIC.every((byte, i) => payload[i] === byte);
  return isOurs && version !== undefined ? { type: 'HELLO', version } : undefined;
}

function readHead(bytes: Uint8Array, start: number, end: number): Head | undefined {
  const version = bytes[start];
  const mode = modes[bytes[start + 1] ?? -1];
  const keyStart = end - KEY_LENGTH;
  const [number, knownLimit] = readNumbers(bytes, start + 2, keyStart);
  if (version === undefined || mode === undefined || number === undefined || knownLimit === undefined) return undefined;
  return { type: 'HEAD', version, mode, number, knownLimit, key: bytes.subarray(keyStart, end) };
}

/** The one or two numbers that are all there is, or none. */
function readNumbers(bytes: Uint8Array, start: number, end: number): readonly [number?, number?] {
  const reader = new VarintReader(bytes, start, end);
  const first = reader.next();
  const second = reader.at < end ? reader.next() : undefined;
  if (Number.isNaN(first) || Number.isNaN(second) || reader.at !== end) return [];
  return second === undefined ? [first] : [first, second];
}

const EMPTY: readonly TunnelRecord[] = [];

/** Takes a body apart as it comes, in pieces of any size. Keeps no more than a record that is not whole yet. */
export class RecordReader {
  #rest: Uint8Array = NOTHING;
  #isMalformed = false;
  #isDone = false;

  /** What came is no record, or came after DONE. Nothing more is read. */
  get isMalformed(): boolean {
    return this.#isMalformed;
  }

  /** DONE came, and nothing after it: the body is whole. */
  get isWhole(): boolean {
    return this.#isDone && !this.#isMalformed;
  }

  /** The records that are whole with `chunk`. Their bytes may be views of it. */
  push(chunk: Uint8Array): readonly TunnelRecord[] {
    if (this.#isMalformed || chunk.length === 0) return EMPTY;
    const bytes = this.#rest.length === 0 ? chunk : join(this.#rest, chunk);
    const records: TunnelRecord[] = [];
    let at = 0;
    while (at < bytes.length) {
      const read = this.#isDone ? 'malformed' : readRecord(bytes, at);
      if (read === 'cut') break;
      if (read === 'malformed') {
        this.#isMalformed = true;
        return records;
      }
      records.push(read.record);
      at = read.end;
      this.#isDone = read.record.type === 'DONE';
    }
    // A copy: the chunk may be used again.
    this.#rest = at === bytes.length ? NOTHING : bytes.slice(at);
    return records;
  }
}

export function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** Puts records together to a body, or to the next part of one. */
export class BodyWriter {
  readonly #records: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(record: TunnelRecord): this {
    const bytes = encodeRecord(record);
    this.#records.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  bytes(): Uint8Array {
    const body = new Uint8Array(this.#length);
    let at = 0;
    for (const record of this.#records) {
      body.set(record, at);
      at += record.length;
    }
    return body;
  }
}
