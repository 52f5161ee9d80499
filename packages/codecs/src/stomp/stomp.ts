import type { Reading } from '../reading.ts';
import { toBytes, toText } from '../text.ts';

// STOMP 1.0, 1.1 and 1.2, frame by frame: https://stomp.github.io/stomp-specification-1.2.html

export type StompVersion = '1.0' | '1.1' | '1.2';

export interface StompFrame {
  /** `CONNECT`, `SEND`, `MESSAGE`, … */
  readonly command: string;
  /** In the order in which they were sent. Of several with one name the first counts. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** Line feeds between frames: a sign of life, or the end of the frame before them. */
export interface StompHeartBeat {
  readonly command: 'heart-beat';
}

export const clientCommands: ReadonlySet<string> = new Set([
  ...['CONNECT', 'STOMP', 'SEND', 'SUBSCRIBE', 'UNSUBSCRIBE', 'ACK', 'NACK', 'BEGIN', 'COMMIT', 'ABORT', 'DISCONNECT'],
]);
export const serverCommands: ReadonlySet<string> = new Set(['CONNECTED', 'MESSAGE', 'RECEIPT', 'ERROR']);

/** The first of that name. */
export function stompHeader(frame: { readonly headers: StompFrame['headers'] }, name: string): string | undefined {
  return frame.headers.find(([each]) => each === name)?.[1];
}

/**
 * Command and headers: what is before the empty line.
 * @param version how headers are escaped: 1.0 knows nothing of that, 1.1 no carriage returns
 */
export function readStompHead(bytes: Uint8Array, version: StompVersion): Reading<Omit<StompFrame, 'body'>> {
  const text = toText(bytes);
  if (text === undefined) return { problem: 'headers that are no UTF-8' };
  const [command = '', ...lines] = text.split('\n').map(withoutReturn);
  if (!/^[A-Z]+$/.test(command)) return { problem: 'a frame must begin with a command in capitals' };
  // The frames that agree on a version do not know one yet.
  const isEscaped = version !== '1.0' && command !== 'CONNECT' && command !== 'CONNECTED';
  const headers: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) return { problem: `a header without a colon in ${command}` };
    const name = isEscaped ? unescaped(line.slice(0, colon), version) : line.slice(0, colon);
    const value = isEscaped ? unescaped(line.slice(colon + 1), version) : line.slice(colon + 1);
    if (name === undefined || value === undefined)
      return { problem: `an escape that STOMP ${version} does not have in ${command}` };
    headers.push([name, value]);
  }
  return { value: { command, headers } };
}

/** The end of a line may be CR LF as of 1.2. A CR is in no header of the other versions that is sane. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

const meanings = new Map([
  ['\\n', '\n'],
  ['\\c', ':'],
  ['\\\\', '\\'],
  ['\\r', '\r'],
]);

function unescaped(text: string, version: StompVersion): string | undefined {
  if (!text.includes('\\')) return text;
  let isWrong = false;
  const plain = text.replace(/\\.?/gs, (said) => {
    const meaning = version === '1.1' && said === '\\r' ? undefined : meanings.get(said);
    isWrong ||= meaning === undefined;
    return meaning ?? '';
  });
  return isWrong ? undefined : plain;
}

const escapes = new Map([...meanings].map(([said, meant]) => [meant, said]));

function escaped(text: string, version: StompVersion): string {
  return text.replace(version === '1.1' ? /[\n:\\]/g : /[\n:\\\r]/g, (plain) => escapes.get(plain) ?? plain);
}

/** What is to be sent: a `body` of text makes a message of text, bytes one of bytes. */
export interface StompFrameToWrite {
  readonly command: string;
  readonly headers?: Readonly<Record<string, string>> | StompFrame['headers'] | undefined;
  /** Default: empty. */
  readonly body?: string | Uint8Array | undefined;
}

/**
 * The bytes of a frame. It gets a content-length where it has a body and none is given.
 * @throws TypeError if a command or a header cannot be said in this version
 */
export function writeStomp(frame: StompFrameToWrite, version: StompVersion = '1.2'): Uint8Array {
  const body = toBytes(frame.body ?? '');
  const head = toBytes(headOf(frame, version, body.length));
  const bytes = new Uint8Array(head.length + body.length + 1);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/**
 * As `writeStomp`, as the text of a message.
 * @throws TypeError if a command or a header cannot be said in this version, or the body is not text
 */
export function writeStompText(frame: StompFrameToWrite, version: StompVersion = '1.2'): string {
  const { body = '' } = frame;
  if (typeof body !== 'string') throw new TypeError('body must be a string in a frame that is sent as text');
  return `${headOf(frame, version, body === '' ? 0 : toBytes(body).length)}${body}\0`;
}

function headOf({ command, headers = [] }: StompFrameToWrite, version: StompVersion, length: number): string {
  if (!/^[A-Z]+$/.test(command)) throw new TypeError('command must be capitals');
  const isEscaped = version !== '1.0' && command !== 'CONNECT' && command !== 'CONNECTED';
  const pairs: StompFrame['headers'] = isPairs(headers) ? headers : Object.entries(headers);
  const lines = pairs.map(([name, value]) =>
    isEscaped ? `${escaped(name, version)}:${escaped(value, version)}` : plain(name, value),
  );
  // 1.1 has no escape for a carriage return, and lines may end with one.
  if (lines.some((line) => /[\0\r]/.test(line)))
    throw new TypeError(`headers must have no NUL, and no carriage return that STOMP ${version} cannot say`);
  if (length > 0 && !pairs.some(([name]) => name === 'content-length')) lines.push(`content-length:${length}`);
  return `${[command, ...lines].join('\n')}\n\n`;
}

function plain(name: string, value: string): string {
  if (/[\n:]/.test(name) || value.includes('\n'))
    throw new TypeError('headers must have no line feed, and their names no colon, where STOMP does not escape');
  return `${name}:${value}`;
}

function isPairs(headers: NonNullable<StompFrameToWrite['headers']>): headers is StompFrame['headers'] {
  return Array.isArray(headers);
}
