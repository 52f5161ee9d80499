import { isSpace, isToken, isTokenCode } from './grammar.ts';
import type { HeaderList } from './headers.ts';

// Sec-WebSocket-Extensions: RFC 6455, 9.1. One pass over the text with a cursor that never goes back, and no regular
// expression, so that the time taken grows with the length of the header and with nothing else.

/** One extension with its parameters, as offered by a client or as answered by a server. */
export interface ExtensionOffer {
  readonly name: string;
  /** In the order of the header, repeated ones included. */
  readonly parameters: readonly ExtensionParameter[];
}

export interface ExtensionParameter {
  readonly name: string;
  /** Without quotes and escapes. */
  readonly value: string | undefined;
}

/** What a Sec-WebSocket-Extensions header says, or `undefined` if it is malformed, which an empty one is. */
export function parseExtensions(value: string): readonly ExtensionOffer[] | undefined {
  const cursor = new Cursor(value);
  const extensions: ExtensionOffer[] = [];
  while (!cursor.skipToElement()) {
    const extension = readExtension(cursor);
    if (extension === undefined || !cursor.isAtElementEnd()) return undefined;
    extensions.push(extension);
  }
  return extensions.length === 0 ? undefined : extensions;
}

/** What all Sec-WebSocket-Extensions headers say together, or `undefined` if that is malformed. */
export function readExtensions(headers: HeaderList): readonly ExtensionOffer[] | undefined {
  const values = headers.all('Sec-WebSocket-Extensions');
  return values.length === 0 ? [] : parseExtensions(values.join()); // RFC 6455, 11.3.2: several headers are one list
}

/**
 * The header value that says `extensions`; empty for none.
 * @throws TypeError if a name or a value is not a token
 */
export function serializeExtensions(extensions: readonly ExtensionOffer[]): string {
  const parts = extensions.map(({ name, parameters }) =>
    [token(name), ...parameters.map(serializeParameter)].join('; '),
  );
  return parts.join(', ');
}

function serializeParameter({ name, value }: ExtensionParameter): string {
  return value === undefined ? token(name) : `${token(name)}=${token(value)}`;
}

function token(text: string): string {
  if (isToken(text)) return text;
  throw new TypeError(`${JSON.stringify(text)} is not a token and cannot stand in Sec-WebSocket-Extensions`);
}

/** extension = extension-token *( ";" extension-param ) */
function readExtension(cursor: Cursor): ExtensionOffer | undefined {
  const name = cursor.readToken();
  if (name === undefined) return undefined;
  const parameters: ExtensionParameter[] = [];
  while (cursor.take(';')) {
    const parameter = readParameter(cursor);
    if (parameter === undefined) return undefined;
    parameters.push(parameter);
  }
  return { name, parameters };
}

/** extension-param = token [ "=" (token | quoted-string) ] */
function readParameter(cursor: Cursor): ExtensionParameter | undefined {
  const name = cursor.readToken();
  if (name === undefined) return undefined;
  if (!cursor.take('=')) return { name, value: undefined };
  const value = cursor.take('"') ? cursor.readQuotedToken() : cursor.readToken();
  return value === undefined ? undefined : { name, value };
}

/** A place in the header. Space may stand before every element of the grammar (RFC 2616, 2.1: implied *LWS). */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Goes to the next element of the list, over empty ones (RFC 9110, 5.6.1.2). Returns whether the text has ended. */
  skipToElement(): boolean {
    let comma = true;
    while (comma) comma = this.take(',');
    return this.#at === this.#text.length;
  }

  /** Whether nothing more belongs to the element: a comma follows, or nothing does. */
  isAtElementEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#text.length || this.#text.charAt(this.#at) === ',';
  }

  /** Goes over `character` if it comes next. Returns whether it did. */
  take(character: string): boolean {
    this.#skipSpace();
    const taken = this.#text.charAt(this.#at) === character;
    if (taken) this.#at += 1;
    return taken;
  }

  readToken(): string | undefined {
    this.#skipSpace();
    const start = this.#at;
    while (isTokenCode(this.#text.charCodeAt(this.#at))) this.#at += 1;
    return this.#at === start ? undefined : this.#text.slice(start, this.#at);
  }

  /**
   * The rest of a quoted string whose opening quote is behind us, without its quotes and escapes.
   * 9.1: what is left then MUST be a token.
   */
  readQuotedToken(): string | undefined {
    let value = '';
    while (this.#text.charAt(this.#at) !== '"') {
      if (this.#text.charAt(this.#at) === '\\') this.#at += 1;
      const code = this.#text.charCodeAt(this.#at); // NaN at the end of the text
      if (!isTokenCode(code)) return undefined;
      value += String.fromCharCode(code);
      this.#at += 1;
    }
    this.#at += 1;
    return value === '' ? undefined : value;
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }
}
