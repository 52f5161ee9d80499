import { type ClientSession, openSession, type SessionEnd, type WebSocketInit } from '@tidewire/client';
import type { Target } from '../scenario/schema.ts';
import type { Agenda, Clock } from '../schedule/agenda.ts';
import type { Dialogue, DialogueKind, DialogueListener } from './dialogue.ts';

// One connection of a load test: its WebSocket, and the dialogue on it. It may be opened again after it has ended.

/** What a client tells the phase that it is in. */
export interface ClientListener {
  /** The opening handshake has succeeded; it took so long. */
  opened(client: VirtualClient, took: number): void;
  /** Messages can be sent; so long after the client began to connect. */
  ready(client: VirtualClient, took: number): void;
  /** It could not become ready. */
  failed(client: VirtualClient, why: string): void;
  message(client: VirtualClient, text: string, size: number): void;
  subscribed(client: VirtualClient, channel: string, refusal: string | undefined): void;
  answered(client: VirtualClient, id: number, refusal: string | undefined): void;
  problem(client: VirtualClient, kind: string): void;
  /** It has ended without having been told to, after it was ready. */
  gone(client: VirtualClient, code: number, why: string | undefined): void;
}

/** What all clients of a worker have in common. */
export interface Surroundings {
  readonly target: Target;
  readonly kind: DialogueKind;
  readonly init: WebSocketInit;
  readonly clock: Clock;
  readonly agenda: Agenda;
  listener: ClientListener;
}

/** What may wait in a connection before nothing more is sent on it, in bytes. */
const BACKED_UP = 16 * 1024 * 1024;

export type ClientState = 'closed' | 'connecting' | 'ready';

export class VirtualClient {
  /** From 0 on, of all workers together. */
  readonly index: number;
  readonly #surroundings: Surroundings;
  readonly #url: string;
  #state: ClientState = 'closed';
  #session: ClientSession | undefined;
  #dialogue: Dialogue | undefined;
  #began = 0;
  /** Tells the life of one connection of this client from the next one. */
  #life = 0;
  #isPaused = false;
  /** What this connection has subscribed to. */
  #channels = new Set<string>();
  /** Of the message that is being looked at. */
  #size = 0;

  constructor(index: number, url: string, surroundings: Surroundings) {
    this.index = index;
    this.#url = url;
    this.#surroundings = surroundings;
  }

  /** As messages say it: from 1 on. */
  get number(): number {
    return this.index + 1;
  }

  get state(): ClientState {
    return this.#state;
  }

  get channels(): ReadonlySet<string> {
    return this.#channels;
  }

  get canSend(): boolean {
    return this.#state === 'ready' && (this.#session?.bufferedAmount ?? 0) <= BACKED_UP;
  }

  open(): void {
    const { clock, agenda, target, kind, init } = this.#surroundings;
    this.#life += 1;
    const life = this.#life;
    this.#state = 'connecting';
    this.#channels = new Set();
    this.#began = clock.now();
    const isCurrent = () => life === this.#life && this.#state !== 'closed';
    const session = openSession(
      this.#url,
      {
        opened: () => {
          if (!isCurrent()) return;
          this.#surroundings.listener.opened(this, clock.now() - this.#began);
          this.#dialogue?.begin();
        },
        message: (data) => {
          if (isCurrent()) this.#received(data);
        },
        closed: (end) => {
          if (isCurrent()) this.#ended(end);
        },
      },
      init,
    );
    this.#session = session;
    const write = (data: string | Uint8Array) => {
      session.send(data);
    };
    this.#dialogue = kind.create({ target, write, listener: this.#listenerFor(isCurrent), connection: this.number });
    agenda.add(this.#began + target.timeout, () => {
      if (isCurrent() && this.#state === 'connecting') this.#fail('The connection was not ready in time');
    });
  }

  subscribe(channel: string, by: string | undefined): void {
    this.#channels.add(channel);
    this.#dialogue?.subscribe(channel, by);
  }

  send(body: string | Uint8Array, channel: string): void {
    this.#dialogue?.send(body, channel);
  }

  request(body: string | Uint8Array, id: number): void {
    this.#dialogue?.request(body, id);
  }

  /** Ends the connection, which nobody is told of. */
  end(how: 'cut' | 'close'): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    if (how === 'cut') this.#session?.terminate();
    else this.#session?.close(1000);
    this.#session?.resume();
    this.#session = undefined;
    this.#dialogue = undefined;
  }

  pause(): void {
    this.#isPaused = true;
    this.#session?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#session?.resume();
  }

  #received(data: string | Uint8Array): void {
    this.#size = data.length;
    this.#dialogue?.received(data);
  }

  #listenerFor(isCurrent: () => boolean): DialogueListener {
    const tell = (act: (listener: ClientListener) => void) => {
      if (isCurrent()) act(this.#surroundings.listener);
    };
    return {
      ready: () => {
        if (!isCurrent()) return;
        this.#state = 'ready';
        this.#surroundings.listener.ready(this, this.#surroundings.clock.now() - this.#began);
      },
      message: (text) => {
        const size = this.#size;
        // Of several in one message, the first has its size.
        this.#size = 0;
        tell((listener) => listener.message(this, text, size));
      },
      subscribed: (channel, refusal) => tell((listener) => listener.subscribed(this, channel, refusal)),
      answered: (id, refusal) => tell((listener) => listener.answered(this, id, refusal)),
      failed: (kind) =>
        tell((listener) => {
          if (this.#state === 'connecting') this.#fail(kind);
          else listener.problem(this, kind);
        }),
    };
  }

  #fail(why: string): void {
    this.end('cut');
    this.#surroundings.listener.failed(this, why);
  }

  #ended({ code, failure }: SessionEnd): void {
    const wasReady = this.#state === 'ready';
    this.#state = 'closed';
    this.#session = undefined;
    this.#dialogue = undefined;
    const { listener } = this.#surroundings;
    if (wasReady) listener.gone(this, code, failure?.message);
    else listener.failed(this, failure?.message ?? `The server closed with ${code} before it was ready`);
  }
}
