import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket, type WebSocketOptions } from '@tidewire/client';
import { describeSystemError } from '../problem.ts';
import { type Command, help } from './commands.ts';
import { describeFailure } from './failures.ts';
import type { View } from './view.ts';

export interface ConversationOptions extends WebSocketOptions {
  readonly url: string;
  readonly subprotocols: readonly string[];
  /** Milliseconds from one ping to the next. Default: none are sent. */
  readonly pingEvery: number | undefined;
  readonly showsHandshake: boolean;
}

export interface Ending {
  readonly opened: boolean;
  readonly wasClean: boolean;
  /** Why the connection failed, if it did. */
  readonly failure: string;
}

/** More than this is not taken from the input before the network has taken it. In bytes. */
const MUCH = 1024 * 1024;

/** Pings that wait for their pong. */
const MOST_PINGS = 1000;

/** One connection as the terminal client lives it: commands go in, and what happens goes to the view. */
export class Conversation {
  readonly #socket: WebSocket;
  readonly #view: View;
  readonly #pings = new Map<string, number>();
  #pingCount = 0;
  #closesItself = false;
  #pingTimer: NodeJS.Timeout | undefined;

  /** Resolves once the connection is open, or is known never to be. */
  readonly settled: Promise<void>;
  readonly ended: Promise<Ending>;

  /** @throws what the constructor of `WebSocket` throws for a URL or options that are invalid */
  constructor({ url, subprotocols, pingEvery, showsHandshake, ...options }: ConversationOptions, view: View) {
    const socket = new WebSocket(url, subprotocols, options);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#view = view;
    let opened = false;
    socket.onmessage = ({ data }) => view.received(typeof data === 'string' ? data : new Uint8Array(data));
    socket.addEventListener('pong', ({ data }) => this.#ponged(new Uint8Array(data)));
    this.settled = new Promise((resolve) => {
      socket.onopen = () => {
        opened = true;
        const { url, protocol, extensions, handshake } = socket;
        view.opened({ url, subprotocol: protocol, extensions, handshake: showsHandshake ? handshake : undefined });
        if (pingEvery !== undefined) this.#pingTimer = setInterval(() => this.#ping(undefined), pingEvery);
        resolve();
      };
      socket.onerror = () => resolve();
    });
    this.ended = new Promise((resolve) => {
      socket.onclose = ({ code, reason, wasClean, failure }) => {
        clearInterval(this.#pingTimer);
        const why = describeFailure(failure);
        if (opened && failure?.code !== 'TERMINATED')
          view.closed({ code, reason, failure: wasClean ? undefined : why });
        resolve({ opened, wasClean, failure: why });
      };
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Resolves when another command may come: at once, unless much waits to be sent. */
  async execute(command: Command): Promise<void> {
    if (!this.isOpen) return;
    switch (command.type) {
      case 'text':
        return this.#send(command.text);
      case 'binary':
        return this.#send(command.bytes);
      case 'file':
        return this.#sendFile(command.path);
      case 'ping':
        return this.#ping(command.payload);
      case 'close':
        return this.close(command.code, command.reason);
      case 'help':
        return this.#view.notice(help);
      case 'mistake':
        return this.#view.problem(command.problem);
    }
  }

  /** Whether it was this side that began to close. */
  get closesItself(): boolean {
    return this.#closesItself;
  }

  close(code = 1000, reason = ''): void {
    try {
      if (this.isOpen) this.#closesItself = true;
      this.#socket.close(code, reason);
    } catch (error) {
      this.#view.problem(describeSystemError(error));
    }
  }

  /** Ends the connection at once. The view is told nothing more. */
  drop(): void {
    this.#closesItself = true;
    this.#socket.terminate();
  }

  /** Resolves when everything has been handed to the network, or never will be. */
  async flushed(most = 0): Promise<void> {
    while (this.isOpen && this.#socket.bufferedAmount > most) await delay(5);
  }

  async #send(message: string | Uint8Array): Promise<void> {
    this.#socket.send(message);
    this.#view.sent(message);
    await this.flushed(MUCH);
  }

  async #sendFile(path: string): Promise<void> {
    try {
      const bytes = new Uint8Array(await readFile(path));
      if (this.isOpen) await this.#send(bytes);
    } catch (error) {
      this.#view.problem(`${path} cannot be read: ${describeSystemError(error)}`);
    }
  }

  #ping(text: string | undefined): void {
    const payload = text ?? String(++this.#pingCount);
    try {
      this.#socket.ping(payload);
    } catch {
      this.#view.problem('The text of a ping must have 125 bytes or less');
      return;
    }
    if (this.#pings.size < MOST_PINGS) this.#pings.set(payload, performance.now());
    this.#view.pinged(payload);
  }

  #ponged(data: Uint8Array): void {
    const payload = Buffer.from(data).toString();
    const sentAt = this.#pings.get(payload);
    this.#pings.delete(payload);
    this.#view.ponged(payload, sentAt === undefined ? undefined : performance.now() - sentAt);
  }
}
