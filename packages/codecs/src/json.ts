import type { JsonValue } from './decoder.ts';
import type { Reading } from './reading.ts';

// JSON from strangers: as deep as those can go through that are written with recursion, and no deeper.

export type JsonObject = { readonly [key: string]: JsonValue };

/** Levels of arrays, objects and the like in whatever is read: more than anybody nests, and few enough for any stack. */
export const MAX_DEPTH = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export function readJson(text: string): Reading<JsonValue> {
  if (isDeep(text)) return { problem: `JSON that is nested deeper than ${MAX_DEPTH} levels` };
  try {
    const value: JsonValue = JSON.parse(text);
    return { value };
  } catch (error) {
    return { problem: `no JSON: ${error instanceof Error ? error.message : 'it cannot be read'}` };
  }
}

/** As `readJson`, of something that must be an object. */
export function readJsonObject(text: string): Reading<JsonObject> {
  const { value, problem } = readJson(text);
  if (problem !== undefined) return { problem };
  return isObject(value) ? { value } : { problem: 'no JSON object' };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As `Array.isArray`, which forgets what is in there. */
export function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function stringOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** As a field of what is shown: strings as they are, all else as JSON. */
export function fieldText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Counts brackets outside of strings: what is no JSON may be called deep, and that is no loss. */
function isDeep(text: string): boolean {
  if (text.length <= MAX_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) {
      depth++;
      if (depth > MAX_DEPTH) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}

/** Where the quote is that ends the string which begins here, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
