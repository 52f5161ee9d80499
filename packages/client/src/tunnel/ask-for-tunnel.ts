import type { Header } from '@tidewire/protocol';
import { type OpenedTunnel, openingRequest, readOpeningAnswer } from '@tidewire/tunnel';
import { tunnelAddress } from './address.ts';
import type { Poster } from './poster.ts';

/** What a server answered when it was asked for a tunnel. */
export interface TunnelReply {
  readonly status: number;
  readonly headers: readonly Header[];
  /** No more than 16,384 characters of it. */
  readonly body: string;
  /** The session, if that is what it answered. */
  readonly opened: OpenedTunnel | undefined;
}

const LONGEST_BODY = 16_384;

/**
 * Asks for a session at the URL of a WebSocket endpoint.
 * @param subprotocols tokens, none of them twice
 * @throws what the poster failed with, or the reason of `signal`
 */
export function askForTunnel(
  url: URL,
  subprotocols: readonly string[],
  poster: Poster,
  signal: AbortSignal,
): Promise<TunnelReply> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const decoder = new TextDecoder();
    let head: Pick<TunnelReply, 'status' | 'headers'> = { status: 0, headers: [] };
    let body = '';
    const abort = () => {
      drop();
      reject(signal.reason);
    };
    const finish = () => {
      signal.removeEventListener('abort', abort);
      const opened = head.status === 200 ? readOpeningAnswer(body, subprotocols) : undefined;
      resolve({ ...head, body, opened });
    };
    const posting = { url: tunnelAddress(url, 'open'), body: openingRequest(subprotocols), isLast: false };
    const drop = poster.post(posting, {
      answered(status, headers) {
        head = { status, headers };
      },
      received(chunk) {
        body += decoder.decode(chunk, { stream: true });
        if (body.length <= LONGEST_BODY) return;
        body = body.slice(0, LONGEST_BODY);
        drop();
        finish();
      },
      completed: finish,
      failed(error) {
        signal.removeEventListener('abort', abort);
        reject(error);
      },
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
