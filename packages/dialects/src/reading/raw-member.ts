// Payloads go through the hub as the text that has come: whoever parses numbers and writes them again makes
// 12345678901234567890 another one. So that text is cut out of a message that JSON.parse has found to be right, which is
// why nothing here looks for mistakes.

/** A value as it stands in the text. */
export interface RawValue {
  readonly text: string;
  /** How many arrays and objects are within each other: 0 for `1`, 1 for `[1]`. */
  readonly depth: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * The value of a member, or of a member of a member, of the object that `text` is. Of several of one name it is the last,
 * which JSON.parse takes, too.
 * @param text JSON that parses
 */
export function rawMember(text: string, ...path: readonly string[]): RawValue | undefined {
  const scanner = new Scanner(text);
  let start = scanner.valueStart(0);
  for (const name of path) {
    const member = scanner.member(start, name);
    if (member === undefined) return undefined;
    start = member;
  }
  const end = scanner.valueEnd(start);
  return { text: text.slice(start, end), depth: scanner.deepest };
}

class Scanner {
  /** Of the value that `valueEnd` was last asked for. */
  deepest = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the value of the member is, in the object at `at`. */
  member(at: number, name: string): number | undefined {
    const text = this.#text;
    if (text[at] !== '{') return undefined;
    let found: number | undefined;
    let next = this.valueStart(at + 1);
    while (text.charCodeAt(next) === QUOTE) {
      const keyEnd = this.#stringEnd(next);
      const start = this.valueStart(text.indexOf(':', keyEnd) + 1);
      if (isString(text.slice(next, keyEnd), name)) found = start;
      // Behind the value and its comma is the next key; behind the last one a brace.
      next = this.valueStart(this.valueStart(this.valueEnd(start)) + 1);
    }
    return found;
  }

  /** The first place from `at` on that is no white space. */
  valueStart(at: number): number {
    const text = this.#text;
    let start = at;
    while (text.charCodeAt(start) <= 0x20) start++;
    return start;
  }

  /** The place behind the value that begins at `at`. */
  valueEnd(at: number): number {
    const text = this.#text;
    const { length } = text;
    let depth = 0;
    let end = at;
    this.deepest = 0;
    while (end < length) {
      const code = text.charCodeAt(end);
      if (code === QUOTE) {
        end = this.#stringEnd(end);
        if (depth === 0) return end;
        continue;
      }
      if (isOpening(code)) {
        depth++;
        if (depth > this.deepest) this.deepest = depth;
      } else if (isClosing(code)) {
        // Of what the value is in, if it is a number or a word.
        if (depth === 0) return end;
        depth--;
        if (depth === 0) return end + 1;
      } else if (depth === 0 && isDelimiter(code)) return end;
      end++;
    }
    return end;
  }

  /** The place behind the string that begins at `at`. */
  #stringEnd(at: number): number {
    const text = this.#text;
    let quote = text.indexOf('"', at + 1);
    while (quote !== -1) {
      let before = quote;
      while (text.charCodeAt(before - 1) === BACKSLASH) before--;
      if ((quote - before) % 2 === 0) return quote + 1;
      quote = text.indexOf('"', quote + 1);
    }
    return text.length;
  }
}

/** Whether a string, with its quotes, says `name`. */
function isString(raw: string, name: string): boolean {
  return raw.includes('\\') ? JSON.parse(raw) === name : raw.length === name.length + 2 && raw.startsWith(name, 1);
}

function isOpening(code: number): boolean {
  return code === 0x7b || code === 0x5b;
}

function isClosing(code: number): boolean {
  return code === 0x7d || code === 0x5d;
}

function isDelimiter(code: number): boolean {
  return code === 0x2c || code === COLON || code <= 0x20;
}
