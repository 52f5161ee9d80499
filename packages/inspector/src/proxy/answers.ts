import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HeaderPairs } from '../recording/index.ts';

// Answers to an upgrade, written by hand: Node has let go of the connection.

/** The head of a response, with the line that ends it. */
export function headOf(status: number, message: string, headers: HeaderPairs): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${status} ${message}\r\n${lines.join('')}\r\n`, 'latin1');
}

/** Answers with a line of text, and closes the connection. */
export function answer(stream: Duplex, status: number, message: string, line: string): void {
  const body = Buffer.from(`${line}\n`);
  const headers: HeaderPairs = [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Length', String(body.length)],
    ['Connection', 'close'],
  ];
  stream.end(Buffer.concat([headOf(status, message, headers), body]));
  endLater(stream);
}

/** How long a client has to close its side after an answer, in milliseconds. */
const CLOSE_TIMEOUT = 5000;

/** Reads on until the client closes, so that no reset destroys the answer on its way; but not for ever. */
export function endLater(stream: Duplex): void {
  stream.resume();
  const timer = setTimeout(() => stream.destroy(), CLOSE_TIMEOUT);
  stream.once('close', () => clearTimeout(timer));
}

/** Whether a request has, or may have, a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}
