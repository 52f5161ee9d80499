import type { JsonValue } from './decoder.ts';

// What binary formats say and JSON cannot, as objects with one name that begins with `$`, so that a tree of JSON shows it.

/** Longer ones are shown by their beginning: whoever wants all of them has the message. */
const SHOWN_BYTES = 1024;

export type Beyond =
  | JsonValue
  | Uint8Array
  | bigint
  | undefined
  | readonly Beyond[]
  | { readonly [key: string]: Beyond };

/** `{ $bytes }` in hex; with `$length` where it is only the beginning. */
export function shownBytes(bytes: Uint8Array): JsonValue {
  const hex = toHex(bytes.subarray(0, SHOWN_BYTES));
  return bytes.length <= SHOWN_BYTES ? { $bytes: hex } : { $bytes: `${hex}…`, $length: bytes.length };
}

/** `{ $bigint }` in decimal, unless a number says it exactly. */
export function shownInteger(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : { $bigint: value.toString() };
}

/** `{ $float }` for NaN, the infinities and -0, which JSON does not have. */
export function shownNumber(value: number): JsonValue {
  if (Object.is(value, -0)) return { $float: '-0' };
  return Number.isFinite(value) ? value : { $float: String(value) };
}

/** `{ $date }` as of ISO 8601, or as the seconds since 1970 where a Date cannot say it. */
export function shownDate(seconds: number): JsonValue {
  const date = new Date(seconds * 1000);
  return { $date: Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString() };
}

/** An object, or `{ $map }` of pairs where a key is no string or there twice. */
export function shownMap(entries: readonly (readonly [key: JsonValue, value: JsonValue])[]): JsonValue {
  const object = new Map<string, JsonValue>();
  for (const [key, value] of entries) {
    if (typeof key !== 'string' || object.has(key)) return { $map: entries };
    object.set(key, value);
  }
  return Object.fromEntries(object);
}

export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += (byte < 16 ? '0' : '') + byte.toString(16);
  return hex;
}
