import { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Request } from '../http.ts';
import { handle, onSession, type ServiceServer } from '../listening.ts';
import { type CpuAccount, charge } from './cpu-clock.ts';
import { SharedConnectionMeter, watchSession } from './shared-connection.ts';

// How many bytes a request takes on the wire: what the socket that carries it has read and written, by the socket's own
// count, since the request before it on the same connection was answered. HTTP/1.1 has one request at a time on a
// connection, so that is the request's own: its line, headers and body, the answer's, and what chunks add.
// Connections of HTTP/2 are shared by many at a time: see shared-connection.ts.

/** What a request's bytes and CPU time are booked to. */
export interface Account extends CpuAccount {
  /** By the server. */
  received: number;
  sent: number;
}

export interface WireMeter {
  /** Books what the request has taken until now. */
  read(): void;
  /** Has `write` write to the request's connection, and books what that takes. */
  carry(write: () => void): void;
}

/** The counts of a socket. */
export interface Counts {
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** What a socket had carried when the last request on it was answered. */
const marks = new WeakMap<object, Counts>();

/** To be called before any other listener is on the server: requests of every kind share its connections. */
export function watchRequests(server: ServiceServer): void {
  onSession(server, watchSession);
  handle(server, (request, response) => {
    if (!(request instanceof IncomingMessage)) return;
    const { socket } = request;
    response.once('close', () => marks.set(socket, countsOf(socket)));
  });
}

/** @param request that has just come in */
export function meterOf(request: Request, account: Account): WireMeter {
  if (!(request instanceof IncomingMessage)) return new SharedConnectionMeter(socketOf(request), account);
  return request.httpVersionMajor === 2
    ? new SharedConnectionMeter(request.socket, account)
    : new OwnConnectionMeter(request.socket, account);
}

function socketOf({ stream: { session } }: Http2ServerRequest): Counts {
  return session === undefined ? { bytesRead: 0, bytesWritten: 0 } : session.socket;
}

class OwnConnectionMeter implements WireMeter {
  readonly #socket: Counts;
  readonly #account: Account;
  #last: Counts;

  constructor(socket: Counts, account: Account) {
    this.#socket = socket;
    this.#account = account;
    this.#last = marks.get(socket) ?? { bytesRead: 0, bytesWritten: 0 };
  }

  read(): void {
    const now = countsOf(this.#socket);
    this.#account.received += now.bytesRead - this.#last.bytesRead;
    this.#account.sent += now.bytesWritten - this.#last.bytesWritten;
    this.#last = now;
  }

  carry(write: () => void): void {
    charge(this.#account, write);
  }
}

function countsOf({ bytesRead, bytesWritten }: Counts): Counts {
  return { bytesRead, bytesWritten };
}
