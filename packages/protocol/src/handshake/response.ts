import { utf8Length, utf8Write } from '../platform/utf8.ts';
import { assertHeader, type Header, isHeaderText } from './headers.ts';

/** A response to an upgrade request. */
export interface ResponseHead {
  /** 100 to 599. */
  readonly status: number;
  /** Default: the standard phrase for the statuses that this package uses, and none for others. */
  readonly reason?: string | undefined;
  /** Without Content-Length and Transfer-Encoding, which come from the body. */
  readonly headers: readonly Header[];
  /** Sent as UTF-8. Default: empty. */
  readonly body?: string | undefined;
}

const reasons: ReadonlyMap<number, string> = new Map([
  [101, 'Switching Protocols'],
  [400, 'Bad Request'],
  [405, 'Method Not Allowed'],
  [426, 'Upgrade Required'],
]);

/** What says how long the body is. */
const ownedByResponse: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding']);

/**
 * A whole HTTP/1.1 response, one character per byte: to be written as Latin-1.
 * @throws RangeError if the status is none
 * @throws TypeError if the reason or a header is invalid, if a header would set the length of the body, or if there is
 *   a body although a response of this status has none
 */
export function serializeResponse(head: ResponseHead): string {
  const { status, reason = reasons.get(status) ?? '', headers, body = '' } = head;
  if (!Number.isInteger(status) || status < 100 || status > 599) {
    throw new RangeError(`The status must be an integer from 100 to 599, not ${String(status)}`);
  }
  if (!isHeaderText(reason)) throw new TypeError('The reason has characters that no status line may have');
  for (const [name, value] of headers) {
    assertHeader(name, value);
    if (ownedByResponse.has(name.toLowerCase())) {
      throw new TypeError(`The header ${name} is set by the response itself`);
    }
  }
  const lines = [`HTTP/1.1 ${status} ${reason}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  const content = body === '' ? '' : toBinaryString(body);
  if (!isBodyless(status)) lines.push(`Content-Length: ${content.length}`);
  else if (content !== '') throw new TypeError(`A response with status ${status} has no body`);
  return `${lines.join('\r\n')}\r\n\r\n${content}`;
}

/** RFC 9112, 6.3, item 1. */
function isBodyless(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

/** `text` as UTF-8, every byte as a character. */
function toBinaryString(text: string): string {
  const bytes = new Uint8Array(utf8Length(text));
  utf8Write(text, bytes, 0);
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
