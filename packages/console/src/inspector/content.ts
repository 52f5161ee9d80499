import { type Content, type MessageData, toBase64 } from '@tidewire/inspector/recording';
import { hexDump, parseHex } from '../shared/hex.ts';

// What a person writes, as what is sent.

export type ContentFormat = 'text' | 'json' | 'hex';

export const formatTitles: Readonly<Record<ContentFormat, string>> = { text: 'Text', json: 'JSON', hex: 'Hex' };

/** @returns what is sent, or in words why it cannot be */
export function readContent(format: ContentFormat, text: string): Content | string {
  if (format === 'text') return { data: text };
  if (format === 'json') {
    try {
      JSON.parse(text);
      return { data: text };
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
  const bytes = parseHex(text);
  return bytes === undefined ? 'Bytes are pairs of hexadecimal digits, such as 0a ff' : { bytes: toBase64(bytes) };
}

/** A payload as a person can edit it. */
export function writeContent(data: MessageData): { readonly format: ContentFormat; readonly text: string } {
  if (typeof data === 'string') return { format: 'text', text: data };
  const lines = hexDump(data, 16).split('\n');
  // The offset and the characters are no part of it.
  return { format: 'hex', text: lines.map((line) => line.slice(8, 8 + 47).trimEnd()).join('\n') };
}
