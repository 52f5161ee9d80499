import type { ServerHttp2Session } from 'node:http2';
import { openAccount } from './cpu-clock.ts';
import { takeTurn } from './turns.ts';
import type { Account, Counts, WireMeter } from './wire-meter.ts';

// What a stream of HTTP/2 takes, on the count of the one socket that it shares with others. What comes in belongs to the
// request that it ends with: all that the socket has read between the request before, whoever's that was, and this one.
// What goes out belongs to the lane whose turn it is to write (turns.ts). Frames of the connection itself, such as PING and
// WINDOW_UPDATE, are few; those that come in count with the next request.

/** What a connection has read until its last request came. */
const read = new WeakMap<object, number>();

/** What that request has brought, until a lane has taken it. */
const arrived = new WeakMap<object, number>();

/** To be called with every new connection. */
export function watchSession(session: ServerHttp2Session): void {
  const { socket } = session;
  // In front of Node's own listener, which hands the request on.
  session.prependListener('stream', () => {
    const { bytesRead } = socket;
    arrived.set(socket, bytesRead - (read.get(socket) ?? 0));
    read.set(socket, bytesRead);
  });
}

/** What has come in until now belongs to no lane. */
export function passOver(socket: Counts): void {
  if (read.has(socket)) read.set(socket, bytesReadOf(socket));
}

export class SharedConnectionMeter implements WireMeter {
  readonly #socket: Counts;
  readonly #account: Account;

  constructor(socket: Counts, account: Account) {
    this.#socket = socket;
    this.#account = account;
    account.received += arrived.get(socket) ?? 0;
    arrived.delete(socket);
  }

  /** What was written has been booked with each turn. */
  read(): void {}

  carry(write: () => void): void {
    let written = 0;
    let closeAccount = (): void => {};
    takeTurn(
      () => {
        written = bytesWrittenOf(this.#socket);
        closeAccount = openAccount(this.#account);
        write();
      },
      () => {
        closeAccount();
        // A connection that has ended meanwhile says nothing any more.
        this.#account.sent += Math.max(0, bytesWrittenOf(this.#socket) - written);
      },
    );
  }
}

function bytesReadOf(socket: Counts): number {
  return orZero(() => socket.bytesRead);
}

function bytesWrittenOf(socket: Counts): number {
  return orZero(() => socket.bytesWritten);
}

/** The socket of a session that is destroyed throws when it is asked for anything. */
function orZero(count: () => number): number {
  try {
    return count();
  } catch {
    return 0;
  }
}
