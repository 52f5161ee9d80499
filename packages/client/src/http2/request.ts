import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { cancelHttp2Stream } from '@tidewire/node';
import { type Header, HeaderList } from '@tidewire/protocol';
import { type Answer, readBody } from '../exchange.ts';

// One request over HTTP/2 and the answer to it.

/** RFC 9113, 7. */
const REFUSED_STREAM = 0x7;
const HTTP_1_1_REQUIRED = 0xd;

export interface Http2Answer {
  readonly answer: Answer;
  /** What carries the frames if the answer is 200; otherwise it is dropped already. */
  readonly stream: ClientHttp2Stream;
}

/**
 * Resolves to any answer, whatever its status; or to `'http1'` if the server wants to be asked over HTTP/1.1; or to `'again'`
 * if it has not looked at the request, because it closes the connection (RFC 9113, 8.7).
 * @throws Error if the request cannot be sent or no answer comes, or the reason of `signal`; the stream is dropped then
 */
export function requestOverHttp2(
  session: ClientHttp2Session,
  headers: readonly Header[],
  signal: AbortSignal,
): Promise<Http2Answer | 'http1' | 'again'> {
  return new Promise((resolve, reject) => {
    const stream = session.request(grouped(headers), { endStream: false });
    let failure: Error | undefined;
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', abort);
      stream.off('close', closed);
      act();
    };
    const abort = () => {
      settle(() => reject(signal.reason));
      cancelHttp2Stream(stream);
    };
    const closed = () =>
      settle(() => {
        if (stream.rstCode === HTTP_1_1_REQUIRED) resolve('http1');
        else if (stream.rstCode === REFUSED_STREAM) resolve('again');
        else reject(failure ?? new Error('the stream was closed'));
      });
    // For good: no error of a stream that nobody watches can end the process.
    stream.on('error', (error: Error) => {
      failure ??= error;
    });
    stream.once('close', closed);
    stream.once('response', (fields: IncomingHttpHeaders) => {
      const head = { status: Number(fields[':status']), headers: new HeaderList(flat(fields)) };
      const rest = new Uint8Array(0);
      settle(() => {
        if (head.status === 200) return resolve({ answer: { ...head, body: '', rest }, stream });
        readBody(stream, signal, (body) => {
          cancelHttp2Stream(stream);
          resolve({ answer: { ...head, body, rest }, stream });
        });
      });
    });
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** Headers in the form that Node wants for HTTP/2, where names are in lower case. */
function grouped(headers: readonly Header[]): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const lowerCase = name.toLowerCase();
    const before = fields[lowerCase];
    fields[lowerCase] = before === undefined ? value : [before, value].flat();
  }
  return fields;
}

/** The other way round, without pseudo-headers. */
function flat(fields: IncomingHttpHeaders): string[] {
  const entries = Object.entries(fields).filter(([name]) => !name.startsWith(':'));
  return entries.flatMap(([name, values = []]) => [values].flat().flatMap((value) => [name, value]));
}
