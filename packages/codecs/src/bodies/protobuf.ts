import { shownBytes, shownInteger, shownNumber } from '../beyond-json.ts';
import type { JsonValue } from '../decoder.ts';
import type { Reading } from '../reading.ts';
import { isPrintable, toText } from '../text.ts';

// Protocol buffers without their schema: https://protobuf.dev/programming-guides/encoding/
// The bytes say the number of a field and how long it is, not what it is. So each field has the readings that make sense.

/** Messages in messages, groups included. Deeper ones are shown as bytes. */
const MAX_DEPTH = 100;
/** In a message and all those in it. */
const MAX_FIELDS = 10_000;

export type ProtobufField =
  | {
      readonly wireType: 'varint';
      readonly number: number;
      readonly unsigned: bigint;
      /** As int32 and int64 are written. */
      readonly signed: bigint;
      /** As sint32 and sint64 are written. */
      readonly zigzag: bigint;
      /** Where it is 0 or 1. */
      readonly bool?: boolean | undefined;
    }
  | {
      readonly wireType: 'fixed64' | 'fixed32';
      readonly number: number;
      readonly unsigned: bigint;
      readonly signed: bigint;
      readonly float: number;
    }
  | {
      readonly wireType: 'length-delimited';
      readonly number: number;
      readonly bytes: Uint8Array;
      /** Where they are UTF-8 without control characters. */
      readonly text?: string | undefined;
      /** Where they are fields to the last byte. */
      readonly message?: readonly ProtobufField[] | undefined;
    }
  /** Of the time before messages in messages. */
  | { readonly wireType: 'group'; readonly number: number; readonly fields: readonly ProtobufField[] };

/** What all parts of one reading use up. */
interface Budget {
  fields: number;
  /** Bytes that may still be looked at as text: nested ones would be looked at once for each level. */
  text: number;
}

/** The fields of a message, or what shows that it is none. */
export function readProtobuf(bytes: Uint8Array): Reading<readonly ProtobufField[]> {
  if (bytes.length === 0) return { problem: 'it is empty' };
  const budget = { fields: MAX_FIELDS, text: 2 * bytes.length + 1024 };
  const part = new Part(bytes, budget, 0);
  const fields = part.fields(undefined);
  return part.problem === undefined ? { value: fields } : { problem: part.problem };
}

class Part {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #budget: Budget;
  readonly #depth: number;
  #at = 0;
  problem: string | undefined;

  constructor(bytes: Uint8Array, budget: Budget, depth: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#budget = budget;
    this.#depth = depth;
  }

  /** @param group the number of the group that these fields are in, if they are in one */
  fields(group: number | undefined, depth = this.#depth): ProtobufField[] {
    const fields: ProtobufField[] = [];
    while (this.#at < this.#bytes.length && this.problem === undefined) {
      this.#budget.fields--;
      if (this.#budget.fields < 0) this.#fail(`more than ${MAX_FIELDS} fields`);
      const tag = this.#varint();
      const number = Number(tag >> 3n);
      const wireType = Number(tag & 7n);
      if (number < 1 || number > 0x1fffffff) this.#fail('a field with a number that there is not');
      if (wireType === 4 && number === group) return fields;
      const field = this.#field(number, wireType, depth);
      if (field !== undefined && this.problem === undefined) fields.push(field);
    }
    if (group !== undefined) this.#fail('a group that does not end');
    return fields;
  }

  #field(number: number, wireType: number, depth: number): ProtobufField | undefined {
    switch (wireType) {
      case 0:
        return varintField(number, this.#varint());
      case 1: {
        const at = this.#pass(8);
        if (at === undefined) return undefined;
        const signed = this.#view.getBigInt64(at, true);
        const unsigned = BigInt.asUintN(64, signed);
        return { wireType: 'fixed64', number, unsigned, signed, float: this.#view.getFloat64(at, true) };
      }
      case 2:
        return this.#lengthDelimited(number, depth);
      case 3:
        if (depth >= MAX_DEPTH) this.#fail(`groups deeper than ${MAX_DEPTH} levels`);
        return { wireType: 'group', number, fields: this.fields(number, depth + 1) };
      case 5: {
        const at = this.#pass(4);
        if (at === undefined) return undefined;
        const signed = BigInt(this.#view.getInt32(at, true));
        const unsigned = BigInt.asUintN(32, signed);
        return { wireType: 'fixed32', number, unsigned, signed, float: this.#view.getFloat32(at, true) };
      }
      default:
        this.#fail(
          wireType === 4 ? 'the end of a group that has not begun' : `a wire type that there is not, ${wireType}`,
        );
        return undefined;
    }
  }

  #lengthDelimited(number: number, depth: number): ProtobufField | undefined {
    const length = Number(this.#varint());
    const at = this.#pass(length);
    if (at === undefined) return undefined;
    const bytes = this.#bytes.subarray(at, at + length);
    const text = this.#textOf(bytes);
    const message = this.#messageOf(bytes, depth);
    return {
      wireType: 'length-delimited',
      number,
      bytes,
      ...(text !== undefined && { text }),
      ...(message && { message }),
    };
  }

  #textOf(bytes: Uint8Array): string | undefined {
    if (bytes.length > this.#budget.text) return undefined;
    this.#budget.text -= bytes.length;
    return isPrintable(bytes) ? toText(bytes) : undefined;
  }

  #messageOf(bytes: Uint8Array, depth: number): readonly ProtobufField[] | undefined {
    if (bytes.length === 0 || depth >= MAX_DEPTH || this.#budget.fields <= 0) return undefined;
    // What turns out to be no message leaves enough for what is behind it.
    const most = Math.floor(this.#budget.fields / 2);
    const budget = { fields: most, text: this.#budget.text };
    const part = new Part(bytes, budget, depth + 1);
    const fields = part.fields(undefined);
    this.#budget.fields -= most - budget.fields;
    this.#budget.text = budget.text;
    return part.problem === undefined ? fields : undefined;
  }

  /** Ten bytes at most. */
  #varint(): bigint {
    let low = 0;
    let value = 0n;
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) break;
      this.#at++;
      // Four bytes fit a small integer, which is what most are.
      if (i < 4) low += (byte & 127) << (7 * i);
      else value += BigInt(byte & 127) << BigInt(7 * i);
      if (byte < 128) return BigInt.asUintN(64, value + BigInt(low));
    }
    this.#fail('a varint that does not end');
    return 0n;
  }

  #pass(length: number): number | undefined {
    const at = this.#at;
    if (length <= this.#bytes.length - at) {
      this.#at += length;
      return at;
    }
    this.#fail('a field that is longer than what is there');
    return undefined;
  }

  #fail(problem: string): void {
    this.problem ??= problem;
    this.#at = this.#bytes.length;
  }
}

function varintField(number: number, unsigned: bigint): ProtobufField {
  const zigzag = (unsigned >> 1n) ^ -(unsigned & 1n);
  const field = { wireType: 'varint' as const, number, unsigned, signed: BigInt.asIntN(64, unsigned), zigzag };
  return unsigned > 1n ? field : { ...field, bool: unsigned === 1n };
}

/** Fields as JSON. A reading that says the same as one before it is left out. */
export function shownProtobuf(fields: readonly ProtobufField[]): JsonValue {
  return fields.map(shownField);
}

function shownField(field: ProtobufField): JsonValue {
  const { number, wireType } = field;
  const head = { field: number, wireType };
  if (wireType === 'group') return { ...head, fields: shownProtobuf(field.fields) };
  if (wireType === 'length-delimited') {
    const { bytes, text, message } = field;
    if (bytes.length === 0) return { ...head, text: '' };
    const readings = { ...(message && { message: shownProtobuf(message) }), ...(text !== undefined && { text }) };
    return { ...head, ...(message || text !== undefined ? readings : { bytes: shownBytes(bytes) }) };
  }
  const { unsigned, signed } = field;
  const integers = { unsigned: shownInteger(unsigned), ...(signed !== unsigned && { signed: shownInteger(signed) }) };
  if (wireType !== 'varint') return { ...head, ...integers, float: shownNumber(field.float) };
  return {
    ...head,
    ...integers,
    zigzag: shownInteger(field.zigzag),
    ...(field.bool !== undefined && { bool: field.bool }),
  };
}
