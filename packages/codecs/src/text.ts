import type { Body } from './decoder.ts';
import { readJson } from './json.ts';

// Between text and bytes, and what a body of bytes most likely is.

const encoder = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

export function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? encoder.encode(data) : data;
}

/** `undefined` if it is no UTF-8. */
export function toText(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** With U+FFFD for what is no UTF-8. */
export function toTextAnyway(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** JSON if it is an object or an array, else text. */
export function bodyOfText(text: string): Body {
  if (/^\s*[[{]/.test(text)) {
    const { value } = readJson(text);
    if (value !== undefined) return { type: 'json', value };
  }
  return { type: 'text', text };
}

/** JSON or text if it is UTF-8 without control characters, else binary; `undefined` if it is empty. */
export function bodyOfBytes(bytes: Uint8Array): Body | undefined {
  if (bytes.length === 0) return undefined;
  const text = isPrintable(bytes) ? toText(bytes) : undefined;
  return text === undefined ? { type: 'binary', bytes } : bodyOfText(text);
}

/** Whether no byte is a control character but tab, line feed and carriage return. */
export function isPrintable(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < 32 ? byte !== 9 && byte !== 10 && byte !== 13 : byte === 127) return false;
  return true;
}
