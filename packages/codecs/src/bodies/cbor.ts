import { shownBytes, shownDate, shownInteger, shownMap, shownNumber, toHex } from '../beyond-json.ts';
import type { Cursor } from '../cursor.ts';
import type { JsonValue } from '../decoder.ts';
import { isObject, MAX_DEPTH } from '../json.ts';
import type { Readings } from '../reading.ts';
import { toBytes, toText } from '../text.ts';
import { readSequence } from './sequence.ts';
import { Writer } from './writer.ts';

// CBOR: RFC 8949; several values one behind the other: RFC 8742.
// Read for showing: what JSON cannot say becomes an object with a name that begins with `$`.

const SELF_DESCRIBED = 55799;
/** Digits in decimal are worth their price up to here, in bytes. */
const LONGEST_DECIMAL = 256;

/** What ends what has no length (3.2.1). It is nothing that JSON has. */
const BREAK = Symbol('break');

/** The values in these bytes, one behind the other. */
export function readCbor(bytes: Uint8Array): Readings<JsonValue> {
  return readSequence(bytes, (cursor) => readValue(cursor, 0));
}

function readValue(cursor: Cursor, depth: number): JsonValue {
  const value = readItem(cursor, depth);
  if (value !== BREAK) return value;
  cursor.fail('a break that ends nothing');
  return null;
}

function readItem(cursor: Cursor, depth: number): JsonValue | typeof BREAK {
  cursor.count();
  if (depth > MAX_DEPTH) cursor.fail(`nested deeper than ${MAX_DEPTH} levels`);
  const first = cursor.byte();
  const major = first >> 5;
  const minor = first & 31;
  if (major === 7) return readSimple(cursor, minor);
  if (minor === 31 && major >= 2 && major <= 5) return readEndless(cursor, major, depth);
  const argument = readArgument(cursor, minor);
  if (major === 0) return shownArgument(argument);
  if (major === 1) return shownArgument(typeof argument === 'number' ? -1 - argument : -1n - argument);
  if (major === 6) return readTag(cursor, argument, depth);
  return readSized(cursor, major, Number(argument), depth);
}

/** A bigint only where a number does not say it exactly. */
function readArgument(cursor: Cursor, minor: number): number | bigint {
  if (minor < 24) return minor;
  if (minor === 24) return cursor.byte();
  if (minor === 25) return cursor.uint16();
  if (minor === 26) return cursor.uint32();
  if (minor === 27) {
    const argument = cursor.uint64();
    return argument <= Number.MAX_SAFE_INTEGER ? Number(argument) : argument;
  }
  cursor.fail(`a length of the reserved form ${minor}`);
  return 0;
}

function shownArgument(argument: number | bigint): JsonValue {
  return typeof argument === 'number' ? argument : shownInteger(argument);
}

function readSized(cursor: Cursor, major: number, length: number, depth: number): JsonValue {
  if (major === 2) return shownBytes(cursor.take(length));
  if (major === 3) return cursor.text(length);
  let left = length;
  return readMembers(cursor, major === 5, depth, () => left-- <= 0);
}

/** What has no length goes on until a break. */
function readEndless(cursor: Cursor, major: number, depth: number): JsonValue {
  if (major >= 4) return readMembers(cursor, major === 5, depth, () => isBreak(cursor));
  const chunks: Uint8Array[] = [];
  while (!isBreak(cursor) && cursor.problem === undefined) {
    cursor.count();
    const first = cursor.byte();
    if (first >> 5 !== major || (first & 31) === 31) cursor.fail('a piece of another type in a string of pieces');
    else chunks.push(cursor.take(Number(readArgument(cursor, first & 31))));
  }
  const bytes = joined(chunks);
  return major === 2 ? shownBytes(bytes) : (toText(bytes) ?? shownBytes(bytes));
}

function isBreak(cursor: Cursor): boolean {
  if (cursor.bytes[cursor.at] !== 0xff) return false;
  cursor.at++;
  return true;
}

function readMembers(cursor: Cursor, isMap: boolean, depth: number, isOver: () => boolean): JsonValue {
  const array: JsonValue[] = [];
  const entries: [JsonValue, JsonValue][] = [];
  while (!isOver() && cursor.problem === undefined) {
    const value = readValue(cursor, depth + 1);
    if (isMap) entries.push([value, readValue(cursor, depth + 1)]);
    else array.push(value);
  }
  return isMap ? shownMap(entries) : array;
}

function readTag(cursor: Cursor, tag: number | bigint, depth: number): JsonValue {
  if ((tag === 2 || tag === 3) && cursor.bytes[cursor.at] !== undefined) {
    const first = cursor.byte();
    if (first >> 5 === 2 && (first & 31) < 28)
      return bigNumber(cursor.take(Number(readArgument(cursor, first & 31))), tag === 3);
    cursor.at--;
  }
  const value = readValue(cursor, depth + 1);
  if (tag === SELF_DESCRIBED) return value;
  if (tag === 0 && typeof value === 'string') return { $date: value };
  if (tag === 1 && typeof value === 'number') return shownDate(value);
  return { $tag: shownArgument(tag), value };
}

/** Tags 2 and 3 (3.4.3). Long ones stay in hex: they have too many digits to read. */
function bigNumber(bytes: Uint8Array, isNegative: boolean): JsonValue {
  if (bytes.length > LONGEST_DECIMAL) return { $tag: isNegative ? 3 : 2, value: shownBytes(bytes) };
  const value = bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`);
  return shownInteger(isNegative ? -1n - value : value);
}

function readSimple(cursor: Cursor, minor: number): JsonValue | typeof BREAK {
  switch (minor) {
    case 20:
      return false;
    case 21:
      return true;
    case 22:
      return null;
    case 23:
      return { $undefined: true };
    case 24:
      return { $simple: cursor.byte() };
    case 25:
      return shownNumber(half(cursor.uint16()));
    case 26:
      return shownNumber(cursor.float32());
    case 27:
      return shownNumber(cursor.float64());
    case 31:
      return BREAK;
    default:
      if (minor >= 28) cursor.fail(`a simple value of the reserved form ${minor}`);
      return { $simple: minor };
  }
}

/** A float of 16 bits (IEEE 754, binary16). */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 === 1 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer();
  for (const chunk of chunks) writer.append(chunk);
  return writer.bytes();
}

/**
 * What JSON has, as CBOR.
 * @throws RangeError if it is nested without end
 */
export function writeCbor(value: JsonValue): Uint8Array {
  const writer = new Writer();
  write(writer, value);
  return writer.bytes();
}

function write(writer: Writer, value: JsonValue): void {
  if (value === null) writer.byte(0xf6);
  else if (typeof value === 'boolean') writer.byte(value ? 0xf5 : 0xf4);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'string') {
    const bytes = toBytes(value);
    writeHead(writer, 3, bytes.length);
    writer.append(bytes);
  } else if (!isObject(value)) {
    writeHead(writer, 4, value.length);
    for (const each of value) write(writer, each);
  } else {
    const entries = Object.entries(value);
    writeHead(writer, 5, entries.length);
    for (const [name, each] of entries) {
      write(writer, name);
      write(writer, each);
    }
  }
}

function writeHead(writer: Writer, major: number, argument: number): void {
  const first = major << 5;
  if (argument < 24) writer.byte(first + argument);
  else if (argument < 0x100) writer.mark(first + 24, 1, argument);
  else if (argument < 0x10000) writer.mark(first + 25, 2, argument);
  else writer.mark(first + 26, 4, argument);
}

function writeNumber(writer: Writer, value: number): void {
  if (!Number.isInteger(value) || Object.is(value, -0) || Math.abs(value) > 0xffffffff) writer.float64(0xfb, value);
  else if (value >= 0) writeHead(writer, 0, value);
  else writeHead(writer, 1, -1 - value);
}
