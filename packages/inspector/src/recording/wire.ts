import type { ConnectionRecord, MessageData, MessageRecord } from './model.ts';

// Records as JSON, for files and for pages. Bytes are in base64 under another name; all else is as in the model.

/** A message as JSON says it: `data` is text, or `bytes` is base64; likewise `original`, or `originalBytes`. */
export interface MessageJson extends Omit<MessageRecord, 'data' | 'original'> {
  readonly data?: string | undefined;
  readonly bytes?: string | undefined;
  readonly original?: string | undefined;
  readonly originalBytes?: string | undefined;
}

export type ConnectionJson = ConnectionRecord;

/** Text of what was cut in the middle of a character has the bytes that are left replaced by U+FFFD. */
export function messageToJson(record: MessageRecord): MessageJson {
  const { data, original, ...rest } = record;
  const first = typeof data === 'string' ? { data } : { bytes: toBase64(data) };
  if (original === undefined) return { ...rest, ...first };
  const second = typeof original === 'string' ? { original } : { originalBytes: toBase64(original) };
  return { ...rest, ...first, ...second };
}

/** What `messageToJson` made. @throws TypeError if there are no data, or they are no base64 */
export function messageFromJson({ data, bytes, original, originalBytes, ...rest }: MessageJson): MessageRecord {
  const content = dataOf(data, bytes);
  if (content === undefined) throw new TypeError('A message must have data or bytes');
  const before = dataOf(original, originalBytes);
  return before === undefined ? { ...rest, data: content } : { ...rest, data: content, original: before };
}

function dataOf(text: string | undefined, base64: string | undefined): MessageData | undefined {
  if (text !== undefined) return text;
  return base64 === undefined ? undefined : fromBase64(base64);
}

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  // An argument for each byte: engines take some ten thousands.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** @throws TypeError if it is no base64 */
export function fromBase64(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch (error) {
    throw new TypeError('These bytes are not in base64', { cause: error });
  }
}
