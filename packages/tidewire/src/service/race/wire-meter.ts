import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

// How many bytes a request takes on the wire: what the socket that carries it has read and written, by the socket's own
// count, since the request before it on the same connection was answered. HTTP/1.1 has one request at a time on a
// connection, so that is the request's own: its line, headers and body, the answer's, and what chunks add.

interface Mark {
  readonly read: number;
  readonly written: number;
}

/** What bytes are booked to. */
export interface WireAccount {
  /** By the server. */
  received: number;
  sent: number;
}

/** What a socket had carried when the last request on it was answered. */
const marks = new WeakMap<Socket, Mark>();
const start: Mark = { read: 0, written: 0 };

/** To be called before any other listener is on the server: requests of every kind share its connections. */
export function watchRequests(server: Server): void {
  server.on('request', (request, response) => {
    const { socket } = request;
    response.once('close', () => marks.set(socket, markOf(socket)));
  });
}

/** Books what a request takes, as far as it has got each time that `read` is called. */
export class WireMeter {
  readonly #socket: Socket;
  readonly #account: WireAccount;
  #last: Mark;

  constructor({ socket }: IncomingMessage, account: WireAccount) {
    this.#socket = socket;
    this.#account = account;
    this.#last = marks.get(socket) ?? start;
  }

  read(): void {
    const now = markOf(this.#socket);
    this.#account.received += now.read - this.#last.read;
    this.#account.sent += now.written - this.#last.written;
    this.#last = now;
  }
}

function markOf({ bytesRead, bytesWritten }: Socket): Mark {
  return { read: bytesRead, written: bytesWritten };
}
