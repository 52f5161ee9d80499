import { equalsIgnoringCase, isToken, listElements, trimSpace } from './grammar.ts';

/** Most of the headers that a handshake may have, it has not. */
const NONE: readonly string[] = [];

/** A header to send. */
export type Header = readonly [name: string, value: string];

/** The headers of a received message, in any case, order and number. */
export class HeaderList {
  /** Name, value, name, value and so on, as they came: the form of Node's `rawHeaders`. */
  readonly fields: readonly string[];

  constructor(fields: readonly string[]) {
    this.fields = fields;
  }

  /** The value of the first header of this name, without the spaces around it. */
  get(name: string): string | undefined {
    return this.all(name)[0];
  }

  /** The values of all headers of this name, in order, without the spaces around each. */
  all(name: string): readonly string[] {
    const { fields } = this;
    let values: string[] | undefined;
    for (let i = 0; ; i += 2) {
      const value = fields[i + 1];
      const fieldName = fields[i];
      if (fieldName === undefined || value === undefined) return values ?? NONE;
      if (!equalsIgnoringCase(fieldName, name)) continue;
      values ??= [];
      values.push(trimSpace(value));
    }
  }

  /** The elements of the comma separated list that all headers of this name make together: RFC 9110, 5.3 and 5.6.1. */
  list(name: string): readonly string[] {
    const values = this.all(name);
    if (values.length === 0) return NONE;
    return values.flatMap(listElements);
  }

  has(name: string): boolean {
    return this.all(name).length > 0;
  }

  /** All headers, in order and as they were spelled, without the spaces around each value. */
  *[Symbol.iterator](): Generator<Header> {
    let name = '';
    for (const [index, text] of this.fields.entries()) {
      if (index % 2 === 0) name = text;
      else yield [name, trimSpace(text)];
    }
  }
}

/**
 * Checks a header that is to be sent: nothing that a header is made of may end it or begin another one.
 * @throws TypeError naming the header, if its name is not a token, or its value has a control character other than the
 *   tab, or a character beyond U+00FF, or is no string at all
 */
export function assertHeader(name: string, value: string): void {
  if (!isToken(name)) throw new TypeError(`The name of the header ${JSON.stringify(name)} is not a token`);
  if (!isHeaderText(value))
    throw new TypeError(`The value of the header ${name} has characters that no header may have`);
}

/** Whether `text` may stand in a header or a status line: RFC 9110, 5.5. */
export function isHeaderText(text: string): boolean {
  return typeof text === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

/** Headers of which the handshake is made, or that would give its messages a body, beside all of Sec-WebSocket-…. */
const ownedByHandshake: readonly string[] = ['upgrade', 'connection', 'content-length', 'transfer-encoding'];

/**
 * Checks the headers that an application adds to the handshake.
 * @param alsoOwned further names, in lower case, that it may not use
 * @throws TypeError naming the header, if it is invalid (see `assertHeader`) or one that the handshake sets itself
 */
export function assertAddedHeaders(headers: readonly Header[], alsoOwned: readonly string[]): void {
  for (const [name, value] of headers) {
    assertHeader(name, value);
    const lowerCase = name.toLowerCase();
    if (
      lowerCase.startsWith('sec-websocket-') ||
      ownedByHandshake.includes(lowerCase) ||
      alsoOwned.includes(lowerCase)
    ) {
      throw new TypeError(`The header ${name} is set by the handshake`);
    }
  }
}
