import { toUSVString as toWellFormed, types } from 'node:util';

// How Web IDL turns the values that a program passes into the types that an interface declares, as far as the
// interfaces here need it: https://webidl.spec.whatwg.org/#js-type-mapping

const MAX_UNSIGNED_SHORT = 65_535;

/** DOMString. @throws TypeError for a symbol, and whatever the value's `toString` throws */
export function toDOMString(value: unknown): string {
  return `${value}`;
}

/** USVString: a DOMString in which U+FFFD stands for every lone surrogate. */
export function toUSVString(value: unknown): string {
  return toWellFormed(toDOMString(value));
}

/** [Clamp] unsigned short: into 0 to 65535, halves to the even neighbour, NaN to 0. */
export function toClampedUnsignedShort(value: unknown): number {
  const number = toNumber(value);
  const clamped = Math.min(Math.max(number, 0), MAX_UNSIGNED_SHORT);
  const floor = Math.floor(clamped);
  const isUp = clamped - floor === 0.5 ? floor % 2 === 1 : clamped - floor > 0.5;
  return (isUp ? floor + 1 : floor) || 0;
}

/** [EnforceRange] unsigned short. @throws TypeError for what is no number from 0 to 65535 */
export function toEnforcedUnsignedShort(value: unknown, name: string): number {
  const integer = Math.trunc(toNumber(value));
  if (integer >= 0 && integer <= MAX_UNSIGNED_SHORT) return integer;
  throw new TypeError(`${name} must be a number from 0 to ${MAX_UNSIGNED_SHORT}, not ${toDOMString(value)}`);
}

/** unsigned short: modulo 65536. */
export function toUnsignedShort(value: unknown): number {
  return toNumber(value) & MAX_UNSIGNED_SHORT;
}

/** (DOMString or sequence<DOMString>): what can be iterated is a sequence, everything else a string. */
export function toStringOrSequence(value: unknown): string | string[] {
  return isObject(value) ? (sequenceOf(value, toDOMString) ?? toDOMString(value)) : toDOMString(value);
}

/** Whether Web IDL takes an object for a dictionary where a sequence would do as well. */
export function isNoSequence(value: object): value is Readonly<Record<string, unknown>> {
  const method: unknown = Reflect.get(value, Symbol.iterator);
  return method === undefined || method === null;
}

/** sequence<USVString>. @throws TypeError for what cannot be iterated */
export function toUSVStringSequence(value: unknown, name: string): string[] {
  const sequence = isObject(value) ? sequenceOf(value, toUSVString) : undefined;
  if (sequence === undefined) throw new TypeError(`${name} must be a sequence of strings`);
  return sequence;
}

/** A dictionary: an object, or `undefined` for null and undefined. @throws TypeError for any other value */
export function toDictionary(value: unknown, name: string): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new TypeError(`${name} must be an object`);
  return value;
}

/**
 * (BufferSource or USVString), or with Blob. Bytes are not copied.
 * @throws TypeError for a view of shared or of resizable memory
 */
export function toMessageData(value: unknown, acceptsBlob: true): string | Uint8Array | Blob;
export function toMessageData(value: unknown, acceptsBlob: false): string | Uint8Array;
export function toMessageData(value: unknown, acceptsBlob: boolean): string | Uint8Array | Blob {
  if (types.isArrayBuffer(value)) {
    assertFixed(value);
    return new Uint8Array(value);
  }
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    // Web IDL: a view needs [AllowShared] for shared memory. A SharedArrayBuffer itself is no BufferSource, and so a string.
    if (!types.isArrayBuffer(buffer)) throw new TypeError('data must not be a view of shared memory');
    assertFixed(buffer);
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  return acceptsBlob && value instanceof Blob ? value : toUSVString(value);
}

/** What every operation checks first. @throws TypeError */
export function requireArguments(required: number, given: number, operation: string): void {
  if (given >= required) return;
  throw new TypeError(`${operation} needs ${required} argument${required === 1 ? '' : 's'}, but got ${given}`);
}

/**
 * Makes a class look as Web IDL wants an interface: its members are enumerable, and it names itself. Members that go
 * beyond the standard are left as they are.
 */
export function exposeInterface(name: string, prototype: object, members: readonly string[]): void {
  for (const member of members) Object.defineProperty(prototype, member, { enumerable: true });
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
}

export function isObject(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Unlike `Number`, throws for a BigInt. */
function toNumber(value: unknown): number {
  return +(value as number);
}

function sequenceOf<T>(value: Readonly<Record<PropertyKey, unknown>>, convert: (item: unknown) => T): T[] | undefined {
  const method = value[Symbol.iterator];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== 'function') throw new TypeError('The iterator of a sequence must be a function');
  const iterable: Iterable<unknown> = { [Symbol.iterator]: () => Reflect.apply(method, value, []) };
  return Array.from(iterable, convert);
}

function assertFixed(buffer: ArrayBuffer): void {
  if ('resizable' in buffer && buffer.resizable === true) throw new TypeError('data must not be resizable memory');
}
