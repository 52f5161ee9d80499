import {
  type CloseDetails,
  type EndpointOptions,
  type Handlers,
  type Socket,
  WebSocketEndpoint,
} from '@tidewire/server';
import { onTestFinished } from 'vitest';
import { Inbox } from './inbox.ts';

/** How a connection ended, as one side sees it. */
export interface End {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** The stable code of what went wrong. */
  readonly failure: string | undefined;
}

/** One socket on the server, with all that happened to it. */
export class ServerEnd {
  readonly messages = new Inbox<string | Uint8Array>();
  readonly pings = new Inbox<string>();
  readonly pongs = new Inbox<string>();
  readonly drains = new Inbox<number>();
  /** The names of the handlers that were called, in order. */
  readonly events: string[] = [];
  readonly closed: Promise<End>;
  #socket: Socket<ServerEnd> | undefined;
  #close = (_: End): void => {};

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  get socket(): Socket<ServerEnd> {
    if (this.#socket === undefined) throw new Error('The socket is not open');
    return this.#socket;
  }

  opened(socket: Socket<ServerEnd>): void {
    this.#socket = socket;
    this.events.push('open');
  }

  ended(code: number, reason: string, { wasClean, error }: CloseDetails): void {
    this.events.push('close');
    for (const inbox of [this.messages, this.pings, this.pongs, this.drains]) inbox.end();
    this.#close({ code, reason, wasClean, failure: error && 'code' in error ? String(error.code) : error?.message });
  }
}

export type RecordingOptions = Omit<EndpointOptions<ServerEnd>, keyof Handlers<ServerEnd> | 'upgrade'>;

/** An endpoint that records, and does nothing else. */
export class RecordingEndpoint {
  readonly endpoint: WebSocketEndpoint<ServerEnd>;
  readonly ends = new Inbox<ServerEnd>();

  constructor(options: RecordingOptions = {}) {
    this.endpoint = new WebSocketEndpoint<ServerEnd>({
      ...options,
      upgrade: () => ({ data: new ServerEnd() }),
      open: (socket) => {
        socket.data.opened(socket);
        this.ends.push(socket.data);
      },
      message: ({ data }, message) => {
        data.events.push('message');
        data.messages.push(message);
      },
      ping: ({ data }, payload) => data.pings.push(Buffer.from(payload).toString()),
      pong: ({ data }, payload) => data.pongs.push(Buffer.from(payload).toString()),
      drain: ({ data, bufferedAmount }) => {
        data.events.push('drain');
        data.drains.push(bufferedAmount);
      },
      close: ({ data }, code, reason, details) => data.ended(code, reason, details),
    });
    onTestFinished(() => void this.endpoint.close({ timeout: 0 }));
  }
}
