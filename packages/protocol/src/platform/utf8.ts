// UTF-8 to and from strings, for runtimes that give the engine nothing faster. What is well-formed stands in the
// Unicode standard, table 3-7; nothing else is decoded, and a byte order mark is a character like any other.

/** Code units that are handed to `String.fromCharCode` at once: far below every engine's limit on arguments. */
const CHUNK = 4096;

/** How many bytes `text` takes as UTF-8, a lone surrogate counting as U+FFFD. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) length += 1;
    else if (unit < 0x800) length += 2;
    else if (isPair(unit, text.charCodeAt(at + 1))) {
      length += 4;
      at += 1;
    } else length += 3;
  }
  return length;
}

/** Writes `text` as UTF-8 into `target` from `offset`, lone surrogates as U+FFFD. Returns the number of bytes written. */
export function utf8Write(text: string, target: Uint8Array, offset: number): number {
  let end = offset;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (unit < 0x80) target[end++] = unit;
    else if (unit < 0x800) {
      target[end++] = 0xc0 | (unit >> 6);
      target[end++] = 0x80 | (unit & 0x3f);
    } else if (isPair(unit, next)) {
      const codePoint = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff);
      target[end++] = 0xf0 | (codePoint >> 18);
      target[end++] = 0x80 | ((codePoint >> 12) & 0x3f);
      target[end++] = 0x80 | ((codePoint >> 6) & 0x3f);
      target[end++] = 0x80 | (codePoint & 0x3f);
      at += 1;
    } else {
      const codePoint = isSurrogate(unit) ? 0xfffd : unit;
      target[end++] = 0xe0 | (codePoint >> 12);
      target[end++] = 0x80 | ((codePoint >> 6) & 0x3f);
      target[end++] = 0x80 | (codePoint & 0x3f);
    }
  }
  return end - offset;
}

/** The text in `bytes[start, end)`, which must be ASCII. */
export function asciiDecode(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + CHUNK)));
  }
  return text;
}

/** The text in `bytes[start, end)`, or `undefined` if that is not well-formed UTF-8. */
export function utf8Decode(bytes: Uint8Array, start: number, end: number): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
  let text = '';
  let units: number[] = [];
  let at = 0;
  while (at < view.byteLength) {
    const length = sequenceLength(view.getUint8(at));
    const codePoint = readSequence(view, at, length);
    if (codePoint === undefined) return undefined;
    if (codePoint < 0x10000) units.push(codePoint);
    else units.push(0xd7c0 + (codePoint >> 10), 0xdc00 | (codePoint & 0x3ff));
    at += length;
    if (units.length >= CHUNK) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return text + String.fromCharCode(...units);
}

/** How long the sequence is that begins with `lead`; 0 for a byte that begins none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/** The code point of the sequence of `length` bytes at `at`, or `undefined` if it is ill-formed or cut off. */
function readSequence(view: DataView, at: number, length: number): number | undefined {
  if (length === 1) return view.getUint8(at);
  if (length === 0 || at + length > view.byteLength) return undefined;
  let codePoint = view.getUint8(at) & (0x7f >> length);
  for (let index = 1; index < length; index += 1) {
    const byte = view.getUint8(at + index);
    if ((byte & 0xc0) !== 0x80) return undefined;
    codePoint = (codePoint << 6) | (byte & 0x3f);
  }
  if (length === 3 && (codePoint < 0x800 || isSurrogate(codePoint))) return undefined;
  if (length === 4 && (codePoint < 0x10000 || codePoint > 0x10ffff)) return undefined;
  return codePoint;
}

function isSurrogate(unit: number): boolean {
  return (unit & 0xf800) === 0xd800;
}

function isPair(high: number, low: number): boolean {
  return (high & 0xfc00) === 0xd800 && (low & 0xfc00) === 0xdc00;
}
