import type { WebSocketLike } from './options.ts';
import { ABNORMAL, type Ending } from './reconnection.ts';

// One connection, from the question where to connect to its end. Once it is given up nothing more is heard of it.

/** Where to connect to; a function is asked before each attempt, for a fresh token, say. */
export type UrlSource = string | URL | (() => string | URL | Promise<string | URL>);

/** How a connection ended: what its `close` event said, and its `failure`, where the class has that. */
export type LostConnection = Ending & { readonly failure?: unknown };

export interface AttemptListener {
  opened(): void;
  message(data: unknown, origin: string): void;
  /** Called once, last. */
  ended(ending: LostConnection): void;
}

export class Attempt {
  readonly #create: (url: string | URL) => WebSocketLike;
  readonly #listener: AttemptListener;
  #socket: WebSocketLike | undefined;
  #isOver = false;

  /** @throws whatever the WebSocket's constructor throws, where `source` is no function */
  constructor(source: UrlSource, create: (url: string | URL) => WebSocketLike, listener: AttemptListener) {
    this.#create = create;
    this.#listener = listener;
    if (typeof source === 'function') this.#ask(source);
    else this.#open(source);
  }

  get socket(): WebSocketLike | undefined {
    return this.#socket;
  }

  /** Begins the closing handshake, or fails an attempt. */
  close(code: number | undefined, reason: string | undefined): void {
    if (this.#socket !== undefined) this.#socket.close(code, reason);
    else queueMicrotask(() => this.#end(ABNORMAL));
  }

  /** Drops what there is of it. */
  giveUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket?.close();
  }

  async #ask(source: () => string | URL | Promise<string | URL>): Promise<void> {
    try {
      const url = await source();
      if (!this.#isOver) this.#open(url);
    } catch (failure) {
      this.#end({ ...ABNORMAL, failure });
    }
  }

  #open(url: string | URL): void {
    const socket = this.#create(url);
    const listener = this.#listener;
    this.#socket = socket;
    socket.addEventListener('open', () => {
      if (!this.#isOver) listener.opened();
    });
    socket.addEventListener('message', (event) => {
      if (!this.#isOver) listener.message(Reflect.get(event, 'data'), String(Reflect.get(event, 'origin') ?? ''));
    });
    // Some classes throw where nobody listens.
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', (event) => this.#end(endingOf(event)));
  }

  #end(ending: LostConnection): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.ended(ending);
  }
}

/** What a `close` event says, of whatever class it is. */
function endingOf(event: object): LostConnection {
  const code: unknown = Reflect.get(event, 'code');
  const ending = {
    code: typeof code === 'number' ? code : ABNORMAL.code,
    reason: String(Reflect.get(event, 'reason') ?? ''),
    wasClean: Reflect.get(event, 'wasClean') === true,
  };
  const failure: unknown = Reflect.get(event, 'failure');
  return failure === undefined ? ending : { ...ending, failure };
}
