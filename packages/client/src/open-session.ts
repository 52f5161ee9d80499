import type { SendResult } from '@tidewire/protocol';
import { assertSubprotocols, readArguments } from './arguments.ts';
import { assertClose, codeFor } from './close-arguments.ts';
import { failure } from './failures.ts';
import type { Handshake } from './opening.ts';
import type { WebSocketInit } from './options.ts';
import { Session, type SessionEnd } from './session.ts';
import { parseTarget } from './target.ts';

// A connection for programs that have very many: one handler for all that happens, called from where the bytes are read. It costs
// half the CPU time of a WebSocket with its events, and it can stop reading.

/** How a session ended. `failure` says why it was not clean. */
export type { SessionEnd } from './session.ts';

/** Is called as things happen; never before `openSession` has returned, and from within `send` and `close` not at all. */
export interface SessionHandler {
  opened?(handshake: Handshake, subprotocol: string): void;
  /** Bytes are the handler's own to keep. What it throws is thrown where the bytes were read. */
  message(data: string | Uint8Array): void;
  /** Everything that was sent has left the process, after some of it had to wait. */
  drained?(): void;
  /** It is over, or never began. Called once, last. */
  closed(end: SessionEnd): void;
}

export interface ClientSession {
  /** Frames that have not left the process, in bytes. */
  readonly bufferedAmount: number;
  /** Sends a message: `written`, `buffered` if it waits, `closed` if it is lost. Before `opened` everything is `closed`. */
  send(data: string | Uint8Array): SendResult;
  /** Starts the closing handshake, or gives up if it is not open yet. @throws as `WebSocket.close` does */
  close(code?: number, reason?: string): void;
  /** Drops the connection without a closing handshake. */
  terminate(): void;
  /** Stops reading until `resume`, so that in the end the server has to wait. */
  pause(): void;
  resume(): void;
}

/**
 * Begins to connect.
 * @param init what WebSocket takes, the subprotocols as `protocols`
 * @throws as the constructor of WebSocket does
 */
export function openSession(url: string | URL, handler: SessionHandler, init: WebSocketInit = {}): ClientSession {
  const { subprotocols, resolved } = readArguments(init, undefined);
  const target = parseTarget(url.toString(), resolved.baseUrl);
  assertSubprotocols(subprotocols);
  let isOpen = false;
  const session = new Session(target, subprotocols, resolved, {
    opened: ({ handshake, subprotocol }) => {
      isOpen = true;
      handler.opened?.(handshake, subprotocol);
    },
    message: (data) => handler.message(data),
    pong: () => {},
    closing: () => {},
    closed: (end) => handler.closed(end),
    drained: () => handler.drained?.(),
  });
  return {
    get bufferedAmount() {
      return session.bufferedAmount;
    },
    send: (data) => session.send(data),
    close: (code, reason = '') => {
      assertClose(code, reason);
      if (isOpen) session.close(codeFor(code, reason), reason);
      else session.fail(failure('CLOSED_BEFORE_OPEN'));
    },
    terminate: () => session.fail(failure('TERMINATED')),
    pause: () => session.pause(),
    resume: () => session.resume(),
  };
}
