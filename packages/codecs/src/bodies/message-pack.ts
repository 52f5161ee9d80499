import { shownBytes, shownDate, shownInteger, shownMap, shownNumber } from '../beyond-json.ts';
import { Cursor } from '../cursor.ts';
import type { JsonValue } from '../decoder.ts';
import { isObject, MAX_DEPTH } from '../json.ts';
import type { Readings } from '../reading.ts';
import { toBytes, toText } from '../text.ts';
import { readSequence } from './sequence.ts';
import { Writer } from './writer.ts';

// MessagePack: https://github.com/msgpack/msgpack/blob/master/spec.md
// Read for showing: what JSON cannot say becomes an object with a name that begins with `$`.

const TIMESTAMP = -1;

/** The values in these bytes, one behind the other. */
export function readMessagePack(bytes: Uint8Array): Readings<JsonValue> {
  return readSequence(bytes, (cursor) => readValue(cursor, 0));
}

function readValue(cursor: Cursor, depth: number): JsonValue {
  cursor.count();
  if (depth > MAX_DEPTH) cursor.fail(`nested deeper than ${MAX_DEPTH} levels`);
  const first = cursor.byte();
  if (first < 0x80) return first;
  if (first >= 0xe0) return first - 256;
  if (first < 0x90) return readMap(cursor, first & 15, depth);
  if (first < 0xa0) return readArray(cursor, first & 15, depth);
  return first < 0xc0 ? readText(cursor, first & 31) : readMarked(cursor, first, depth);
}

function readMarked(cursor: Cursor, first: number, depth: number): JsonValue {
  switch (first) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return shownBytes(cursor.take(readLength(cursor, first - 0xc4)));
    case 0xc7:
    case 0xc8:
    case 0xc9:
      return readExtension(cursor, readLength(cursor, first - 0xc7));
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return readExtension(cursor, 2 ** (first - 0xd4));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return readText(cursor, readLength(cursor, first - 0xd9));
    case 0xdc:
    case 0xdd:
      return readArray(cursor, readLength(cursor, first - 0xdb), depth);
    case 0xde:
    case 0xdf:
      return readMap(cursor, readLength(cursor, first - 0xdd), depth);
    default:
      return readNumber(cursor, first);
  }
}

function readNumber(cursor: Cursor, first: number): JsonValue {
  switch (first) {
    case 0xca:
      return shownNumber(cursor.float32());
    case 0xcb:
      return shownNumber(cursor.float64());
    case 0xcc:
      return cursor.byte();
    case 0xcd:
      return cursor.uint16();
    case 0xce:
      return cursor.uint32();
    case 0xcf:
      return shownInteger(cursor.uint64());
    case 0xd0:
      return cursor.int8();
    case 0xd1:
      return cursor.int16();
    case 0xd2:
      return cursor.int32();
    case 0xd3:
      return shownInteger(cursor.int64());
    default:
      cursor.fail(`MessagePack has no 0x${first.toString(16)}`);
      return null;
  }
}

/** @param size 0 for a byte, 1 for two, 2 for four */
function readLength(cursor: Cursor, size: number): number {
  if (size === 0) return cursor.byte();
  return size === 1 ? cursor.uint16() : cursor.uint32();
}

/** Strings should be UTF-8; older writers put bytes there. */
function readText(cursor: Cursor, length: number): JsonValue {
  const bytes = cursor.take(length);
  return toText(bytes) ?? shownBytes(bytes);
}

function readArray(cursor: Cursor, length: number, depth: number): JsonValue {
  const array: JsonValue[] = [];
  for (let i = 0; i < length && cursor.problem === undefined; i++) array.push(readValue(cursor, depth + 1));
  return array;
}

function readMap(cursor: Cursor, length: number, depth: number): JsonValue {
  const entries: [JsonValue, JsonValue][] = [];
  for (let i = 0; i < length && cursor.problem === undefined; i++)
    entries.push([readValue(cursor, depth + 1), readValue(cursor, depth + 1)]);
  return shownMap(entries);
}

function readExtension(cursor: Cursor, length: number): JsonValue {
  const type = cursor.int8();
  const bytes = cursor.take(length);
  if (type !== TIMESTAMP || cursor.problem !== undefined) return { $ext: type, data: shownBytes(bytes) };
  const part = new Cursor(bytes);
  if (length === 4) return shownDate(part.uint32());
  if (length === 8) {
    const both = part.uint64();
    return shownDate(Number(both & 0x3ffffffffn) + Number(both >> 34n) / 1e9);
  }
  if (length !== 12) return { $ext: type, data: shownBytes(bytes) };
  const nanoseconds = part.uint32();
  return shownDate(Number(part.int64()) + nanoseconds / 1e9);
}

/**
 * What JSON has, as MessagePack.
 * @throws RangeError if it is nested without end
 */
export function writeMessagePack(value: JsonValue): Uint8Array {
  const writer = new Writer();
  write(writer, value);
  return writer.bytes();
}

function write(writer: Writer, value: JsonValue): void {
  if (value === null) writer.byte(0xc0);
  else if (typeof value === 'boolean') writer.byte(value ? 0xc3 : 0xc2);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'string') {
    const bytes = toBytes(value);
    writeHead(writer, bytes.length, 0xa0, 31, 0xdb);
    writer.append(bytes);
  } else if (!isObject(value)) {
    writeHead(writer, value.length, 0x90, 15, 0xdd);
    for (const each of value) write(writer, each);
  } else {
    const entries = Object.entries(value);
    writeHead(writer, entries.length, 0x80, 15, 0xdf);
    for (const [name, each] of entries) {
      write(writer, name);
      write(writer, each);
    }
  }
}

/** @param mark of a length in 32 bits; the mark before it is of one in 16 bits */
function writeHead(writer: Writer, length: number, short: number, most: number, mark: number): void {
  if (length <= most) writer.byte(short + length);
  else if (length < 0x10000) writer.mark(mark - 1, 2, length);
  else writer.mark(mark, 4, length);
}

function writeNumber(writer: Writer, value: number): void {
  if (!Number.isInteger(value) || Object.is(value, -0) || value < -0x80000000 || value > 0xffffffff)
    writer.float64(0xcb, value);
  else if (value >= -32 && value < 128) writer.byte(value & 0xff);
  else if (value >= 0) writer.mark(0xce, 4, value);
  else writer.mark(0xd2, 4, value >>> 0);
}
