import { WebSocket, type WebSocketFailure, type WebSocketOptions } from '@tidewire/client';

// One connection, as the checks of a URL make it.

/** How the server is reached, the same in all checks. */
export interface Reach {
  readonly url: URL;
  readonly subprotocols: readonly string[];
  readonly options: WebSocketOptions;
}

export type Opened =
  | { readonly socket: WebSocket; readonly took: number }
  | { readonly failure: WebSocketFailure | undefined; readonly took: number };

/** In milliseconds. */
const OPENING = 10_000;

/** Opens a WebSocket, and says how long that took in milliseconds. */
export function open({ url, subprotocols, options }: Reach, more: WebSocketOptions = {}): Promise<Opened> {
  const begin = performance.now();
  const socket = new WebSocket(url, subprotocols, {
    handshakeTimeout: OPENING,
    allowBlockedPorts: true,
    connectInParallel: true,
    ...options,
    ...more,
  });
  socket.binaryType = 'arraybuffer';
  return new Promise((resolve) => {
    socket.addEventListener('open', () => resolve({ socket, took: performance.now() - begin }), { once: true });
    socket.addEventListener('close', () => resolve({ failure: socket.failure, took: performance.now() - begin }), {
      once: true,
    });
  });
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

export function closed(socket: WebSocket): Promise<Closed> {
  return new Promise((resolve) => {
    socket.addEventListener('close', ({ code, reason, wasClean }) => resolve({ code, reason, wasClean }), {
      once: true,
    });
  });
}

/** Closes, and waits until it has. */
export async function leave(socket: WebSocket): Promise<Closed> {
  const end = closed(socket);
  socket.close(1000);
  return end;
}

/** Resolves with what comes back for this message, or `undefined` if the connection ends, or nothing comes in time. */
export function reply(
  socket: WebSocket,
  message: string | Uint8Array,
  patience: number,
): Promise<string | ArrayBuffer | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, patience, undefined);
    function done(answer: string | ArrayBuffer | undefined): void {
      clearTimeout(timer);
      socket.removeEventListener('message', onMessage);
      socket.removeEventListener('close', onClose);
      resolve(answer);
    }
    function onMessage({ data }: MessageEvent): void {
      if (typeof data === 'string' || data instanceof ArrayBuffer) done(data);
    }
    function onClose(): void {
      done(undefined);
    }
    socket.addEventListener('message', onMessage);
    socket.addEventListener('close', onClose);
    socket.send(message);
  });
}

export function milliseconds(time: number): string {
  return time < 10 ? `${time.toFixed(1)} ms` : `${Math.round(time)} ms`;
}
