import type { JsonValue } from '@tidewire/codecs';
import { asText } from './dialogue.ts';

/** A message as a protocol of JSON carries it: its value where it is JSON itself, otherwise its text. */
export function jsonBody(body: string | Uint8Array): JsonValue {
  const text = asText(body);
  // What begins with nothing that a value of JSON could is not tried.
  if (!/^\s*[[{"\dtfn-]/.test(text)) return text;
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}
