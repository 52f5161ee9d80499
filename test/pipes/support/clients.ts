import { once } from 'node:events';
import {
  WebSocket,
  type WebSocketCloseInfo,
  type WebSocketError,
  type WebSocketOptions,
  WebSocketStream,
} from '@tidewire/client';
import { nodePlatform, StreamPipe } from '@tidewire/node';
import { Connection, type ConnectionHandler, ConnectionSettings, type Limits } from '@tidewire/protocol';
import { onTestFinished } from 'vitest';
import { Inbox } from './inbox.ts';
import type { End } from './server-end.ts';
import type { Wire } from './wires.ts';

// The client's end of a pipe: the classes of the client where they can be told to use it, and the engine by itself on a
// stream where they cannot.

export interface Client {
  readonly messages: Inbox<string | Uint8Array>;
  readonly pongs: Inbox<string>;
  /** `open`, `message` and `close`, in order. */
  readonly events: string[];
  readonly closed: Promise<End>;
  readonly subprotocol: string;
  readonly isCompressed: boolean;
  readonly bufferedAmount: number;
  /** Fails the connection if too much waits. */
  send(message: string | Uint8Array): void;
  ping(payload: string): void;
  close(code?: number, reason?: string): void;
  /** Drops the connection. */
  terminate(): void;
}

/** A client that takes nothing from its connection but what it is asked to. */
export interface Reader {
  /** The next message. */
  read(): Promise<string | Uint8Array>;
  /** Reads what is left, and says how it ended. */
  finish(): Promise<Pick<End, 'code' | 'reason'>>;
}

export interface ClientOptions {
  readonly subprotocols?: readonly string[] | undefined;
  readonly deflate?: boolean | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

/** Messages of so many bytes are compressed where that was agreed. */
const THRESHOLD = 64;
const LOST: End = { code: 1006, reason: '', wasClean: false, failure: 'CONNECTION_LOST' };

// --- the classes of the client -----------------------------------------------------------------------------------------

class WebSocketClient implements Client {
  readonly messages = new Inbox<string | Uint8Array>();
  readonly pongs = new Inbox<string>();
  readonly events: string[] = [];
  readonly closed: Promise<End>;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => this.events.push('open'));
    socket.addEventListener('message', ({ data }) => {
      this.events.push('message');
      this.messages.push(typeof data === 'string' ? data : new Uint8Array(data));
    });
    socket.addEventListener('pong', ({ data }) => this.pongs.push(Buffer.from(data).toString()));
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason, wasClean, failure }) => {
        this.events.push('close');
        this.messages.end();
        this.pongs.end();
        resolve({ code, reason, wasClean, failure: failure?.code });
      });
    });
  }

  get subprotocol(): string {
    return this.#socket.protocol;
  }

  get isCompressed(): boolean {
    return this.#socket.extensions !== '';
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  send(message: string | Uint8Array): void {
    this.#socket.send(message);
  }

  ping(payload: string): void {
    this.#socket.ping(payload);
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

function optionsFor(given: ClientOptions, carrier: WebSocketOptions): WebSocketOptions {
  return { ...carrier, deflate: given.deflate, limits: given.limits, compressionThreshold: THRESHOLD };
}

/** @param carrier what makes the client use the carrier */
export async function openWebSocket(url: string, given: ClientOptions, carrier: WebSocketOptions): Promise<Client> {
  const socket = new WebSocket(url, [...(given.subprotocols ?? [])], optionsFor(given, carrier));
  onTestFinished(() => socket.terminate());
  const client = new WebSocketClient(socket);
  await Promise.race([once(socket, 'open'), client.closed]);
  if (socket.readyState !== WebSocket.OPEN) throw new Error(`It did not open: ${socket.failure?.message}`);
  const { transport } = socket;
  if (transport !== (carrier.transports?.[0] ?? 'websocket')) throw new Error(`It opened by ${transport}`);
  return client;
}

/** The same for one that reads when it is asked to. */
export async function openReader(url: string, given: ClientOptions, carrier: WebSocketOptions): Promise<Reader> {
  const aborter = new AbortController();
  const stream = new WebSocketStream(url, { ...optionsFor(given, carrier), signal: aborter.signal });
  const { readable } = await stream.opened;
  const reader = readable.getReader();
  onTestFinished(() => void reader.cancel().catch(() => {}));
  const toEnd = ({ closeCode, reason }: WebSocketCloseInfo | WebSocketError) => ({
    code: closeCode ?? LOST.code,
    reason: reason ?? '',
  });
  const closed = stream.closed.then(toEnd, toEnd);
  return {
    async finish() {
      while (!(await reader.read()).done);
      return await closed;
    },
    async read() {
      const { done, value } = await reader.read();
      if (done) throw new Error('It has ended');
      return value;
    },
  };
}

// --- the engine by itself ----------------------------------------------------------------------------------------------

class EngineClient implements Client, Reader {
  readonly messages = new Inbox<string | Uint8Array>();
  readonly pongs = new Inbox<string>();
  readonly events = ['open'];
  readonly closed: Promise<End>;
  readonly subprotocol: string;
  readonly #connection: Connection;
  readonly #pipe: StreamPipe;
  #ended = (_: End): void => {};

  constructor({ stream, subprotocol, agreement }: Wire, limits: Partial<Limits> | undefined, isReading: boolean) {
    this.closed = new Promise((resolve) => {
      this.#ended = resolve;
    });
    this.subprotocol = subprotocol;
    const settings = { role: 'client', platform: nodePlatform, limits, compressionThreshold: THRESHOLD } as const;
    this.#pipe = new StreamPipe(stream, {});
    this.#connection = new Connection(new ConnectionSettings(settings), this.#handler, this.#pipe);
    this.#connection.open(agreement);
    if (!isReading) this.#pause();
    this.#pipe.start(this.#connection, new Uint8Array(0));
    onTestFinished(() => this.#pipe.destroy());
  }

  get isCompressed(): boolean {
    return this.#connection.deflate !== undefined;
  }

  get bufferedAmount(): number {
    return this.#connection.bufferedAmount;
  }

  send(message: string | Uint8Array): void {
    this.#connection.send(message, { closeWhenFull: true });
  }

  ping(payload: string): void {
    this.#connection.ping(payload);
  }

  terminate(): void {
    this.#connection.abandon();
  }

  async read(): Promise<string | Uint8Array> {
    this.#connection.resume();
    this.#pipe.resume();
    const message = await this.messages.next();
    this.#pause();
    return message;
  }

  finish(): Promise<End> {
    this.#connection.resume();
    this.#pipe.resume();
    return this.closed;
  }

  #pause(): void {
    this.#connection.pause();
    this.#pipe.pause();
  }

  close(code?: number, reason?: string): void {
    this.#connection.close(code, reason);
  }

  readonly #handler: ConnectionHandler = {
    message: (data) => {
      this.events.push('message');
      this.messages.push(data);
    },
    pong: (payload) => this.pongs.push(Buffer.from(payload).toString()),
    close: ({ code, reason, wasClean, error }) => {
      this.events.push('close');
      this.messages.end();
      this.pongs.end();
      // As WebSocket says it.
      this.#ended(
        wasClean ? { code, reason, wasClean, failure: undefined } : { ...LOST, failure: error?.code ?? LOST.failure },
      );
    },
  };
}

export function engineOn(wire: Wire, { limits }: ClientOptions): Client {
  return new EngineClient(wire, limits, true);
}

/** The same for one that reads when it is asked to. */
export function engineReaderOn(wire: Wire, { limits }: ClientOptions): Reader {
  return new EngineClient(wire, limits, false);
}
