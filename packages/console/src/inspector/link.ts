import { ReconnectingWebSocket } from '@tidewire/client/browser';
import type { InspectorMessage, Order, PageMessage } from '@tidewire/inspector/recording';
import { socketUrl } from '../shared/socket-url.ts';

// The connection to the inspector. Orders are answered one by one; a connection that is lost is opened again, and the orders that
// were under way then are refused.

export type LinkState = 'connecting' | 'open' | 'lost';

type Answer = Extract<InspectorMessage, { type: 'done' }>;

export interface LinkHandlers {
  opened(): void;
  message(message: InspectorMessage): void;
  changed(state: LinkState): void;
}

/** Why an order was not done, in words for people. */
export class OrderError extends Error {
  override readonly name = 'OrderError';
}

interface Waiting {
  readonly done: (answer: Answer) => void;
  readonly refused: (error: OrderError) => void;
}

const PATH = '/console/inspector/socket';

export class InspectorLink {
  readonly #socket: ReconnectingWebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #order = 0;

  constructor({ opened, message, changed }: LinkHandlers) {
    // Plain WebSockets: who looks at frames is near to the inspector, and a tunnel would be one more thing to wonder about.
    this.#socket = new ReconnectingWebSocket(socketUrl(PATH), [], { WebSocket, maxDelay: 5000 });
    this.#socket.addEventListener('open', () => {
      changed('open');
      opened();
    });
    this.#socket.addEventListener('message', ({ data }) => {
      const told = readMessage(data);
      if (told?.type === 'done') this.#settle(told.order)?.done(told);
      else if (told?.type === 'refused') this.#settle(told.order)?.refused(new OrderError(told.why));
      else if (told !== undefined) message(told);
    });
    const lost = () => {
      changed('lost');
      for (const order of [...this.#waiting.keys()]) {
        this.#settle(order)?.refused(new OrderError('The connection to the inspector was lost'));
      }
    };
    this.#socket.addEventListener('reconnecting', lost);
    this.#socket.addEventListener('close', lost);
  }

  /** Asks for something to be done. @throws OrderError if it could not be, by rejecting */
  order(order: Order): Promise<Answer> {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(new OrderError('There is no connection to the inspector'));
    }
    this.#order += 1;
    const message: PageMessage = { ...order, order: this.#order };
    this.#socket.send(JSON.stringify(message));
    return new Promise((done, refused) => this.#waiting.set(message.order, { done, refused }));
  }

  close(): void {
    this.#socket.close();
  }

  #settle(order: number): Waiting | undefined {
    const waiting = this.#waiting.get(order);
    this.#waiting.delete(order);
    return waiting;
  }
}

/** What the server that this page came from says; nothing if it is something else than this version of the page knows. */
function readMessage(data: unknown): InspectorMessage | undefined {
  const value: InspectorMessage | null = typeof data === 'string' ? JSON.parse(data) : null;
  return typeof value?.type === 'string' ? value : undefined;
}
