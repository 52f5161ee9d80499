import type { Duplex } from 'node:stream';
import type { SentConnect } from '@tidewire/protocol';
import type { Answer } from '../exchange.ts';
import type { ResolvedOptions } from '../options.ts';
import type { Dialled, DialledForHttp2, Place } from './dial.ts';
import { leaseSession } from './pool.ts';
import { requestOverHttp2 } from './request.ts';
import { settledSession } from './session.ts';

/** How a server can be reached. */
export interface Http2Way {
  readonly http2: ResolvedOptions['http2'];
  readonly place: Place;
  dial(signal: AbortSignal): Promise<DialledForHttp2>;
}

export interface AnsweredOverHttp2 {
  readonly answer: Answer;
  readonly stream: Duplex;
}

/** It has to be HTTP/1.1: on the connection that was made on the way, if there is one. */
export interface Http1Needed {
  readonly answer?: undefined;
  readonly dialled: Dialled | undefined;
}

/** How often a connection may be found to be closing, before it is given up. */
const ATTEMPTS = 3;

/**
 * Asks over HTTP/2 for a WebSocket, on a connection that others may share (RFC 8441).
 * @throws what `dial` throws; Error if no answer comes; the reason of `signal`
 */
export async function askOverHttp2(
  way: Http2Way,
  sent: SentConnect,
  signal: AbortSignal,
): Promise<AnsweredOverHttp2 | Http1Needed> {
  const { http2 } = way;
  if (typeof http2 === 'object' && !http2.closed && !http2.destroyed) {
    if (!(await settledSession(http2, signal))) return { dialled: undefined };
    const result = await requestOverHttp2(http2, sent.headers, signal);
    return typeof result === 'object' ? result : { dialled: undefined };
  }
  for (let attempt = 1; ; attempt++) {
    const lease = await leaseSession(way.place, way.dial, signal);
    if (lease.session === undefined) return lease;
    const result = await requestOverHttp2(lease.session, sent.headers, signal).catch((error: unknown) => {
      lease.leave();
      throw error;
    });
    if (typeof result === 'object') {
      if (result.stream.destroyed) lease.leave();
      else result.stream.once('close', lease.leave);
      return result;
    }
    lease.leave();
    if (result === 'http1' || attempt === ATTEMPTS) return { dialled: undefined };
  }
}
