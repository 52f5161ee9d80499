import type { Inspector } from '../inspector.ts';
import {
  type InspectorMessage,
  jsonLinesOf,
  type MessageData,
  messageToJson,
  type Order,
  type Recording,
  readRecording,
  toHar,
} from '../recording/index.ts';
import { MASK, SHORT_MASK } from '../recording/secret-names.ts';
import type { TappedConnection } from '../tapped-connection.ts';
import type { Masking } from './news.ts';
import type { Page } from './page.ts';
import { dataOf, type ReadOrder } from './read-order.ts';
import { search } from './search.ts';

// What pages ask for, done. What cannot be done is answered in words.

export interface OrdersOptions {
  readonly inspector: Inspector;
  readonly masking: Masking;
  /** Of the program, for exported files. */
  readonly version: string;
  stateChanged(): void;
  cleared(): void;
}

type Answer = Extract<InspectorMessage, { type: 'done' | 'refused' }>;

/** What an order brings beside that it was done. */
type Result = Omit<Extract<InspectorMessage, { type: 'done' }>, 'type' | 'order'>;

/** In words, why an order cannot be done. */
class Refusal extends Error {}

const nothing: Result = {};

export class Orders {
  readonly #options: OrdersOptions;

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  obey(page: Page, number: number, order: ReadOrder['order']): Answer {
    try {
      if (order.type === 'wrong') return { type: 'refused', order: number, why: order.why };
      return { type: 'done', order: number, ...this.#obey(page, order) };
    } catch (error) {
      return { type: 'refused', order: number, why: error instanceof Error ? error.message : String(error) };
    }
  }

  #obey(page: Page, order: Order): Result {
    const { inspector, masking, stateChanged, cleared } = this.#options;
    const { recorder, rules } = inspector;
    switch (order.type) {
      case 'watch':
        page.watch(order.from);
        return nothing;
      case 'pause':
        page.pause();
        return nothing;
      case 'read':
        return this.#read(order.seq);
      case 'search':
        return search(recorder, masking, order);
      case 'clear':
        recorder.clear();
        cleared();
        return nothing;
      case 'record':
        recorder.isRecording = order.isOn;
        stateChanged();
        return nothing;
      case 'rules':
        rules.set(order.rules);
        stateChanged();
        return nothing;
      case 'import':
        this.#import(order.text);
        return nothing;
      case 'export':
        return { file: this.#export(order.format, order.connections) };
      default:
        this.#change(order);
        return nothing;
    }
  }

  #read(seq: number): Result {
    const record = this.#options.inspector.recorder.message(seq);
    if (record === undefined) throw new Refusal('It is not kept any more');
    return { message: messageToJson(this.#options.masking.message(record)) };
  }

  #change(order: Extract<Order, { type: 'release' | 'drop' | 'inject' | 'close' | 'cut' }>): void {
    switch (order.type) {
      case 'release': {
        const content = order.content && this.#unmasked(dataOf(order.content));
        this.#settle((connection) => connection.release(order.seq, content));
        break;
      }
      case 'drop':
        this.#settle((connection) => connection.drop(order.seq));
        break;
      case 'inject': {
        const content = this.#unmasked(dataOf(order.content));
        const wasPossible = this.#live(order.connection).inject(order.direction, content);
        if (!wasPossible) throw new Refusal('Nothing can be put in there: this direction has ended, or cannot be read');
        break;
      }
      case 'close':
        this.#live(order.connection).close(order.code, order.reason);
        break;
      case 'cut':
        this.#live(order.connection).cut();
    }
  }

  #live(id: number): TappedConnection {
    const connection = this.#options.inspector.live.get(id);
    if (connection === undefined) throw new Refusal('This connection is not open');
    return connection;
  }

  /** All are asked: the record of a message that waits may have fallen out. */
  #settle(settle: (connection: TappedConnection) => boolean): void {
    for (const connection of this.#options.inspector.live.values()) if (settle(connection)) return;
    throw new Refusal('It does not wait any more');
  }

  /** Who edits what was masked would send the mask in place of the secret. */
  #unmasked(data: MessageData): MessageData {
    if (this.#options.masking.isOn && typeof data === 'string' && (data.includes(MASK) || data.includes(SHORT_MASK))) {
      throw new Refusal(
        'A masked secret is in this, and would be sent as it stands: secrets must be shown to be edited',
      );
    }
    return data;
  }

  #import(text: string): void {
    const { recorder } = this.#options.inspector;
    const { connections, messages } = readRecording(text);
    const ids = new Map(connections.map(({ id, ...connection }) => [id, recorder.open(connection).id]));
    for (const { seq: _, connection, ...message } of messages) {
      const id = ids.get(connection);
      if (id !== undefined) recorder.add({ ...message, connection: id });
    }
  }

  #export(format: 'har' | 'jsonl', only: readonly number[] | undefined): string {
    const { inspector, masking, version } = this.#options;
    const wanted = only && new Set(only);
    const isWanted = (id: number) => wanted === undefined || wanted.has(id);
    const recording: Recording = {
      connections: [...inspector.recorder.connections].filter(({ id }) => isWanted(id)).map(masking.connection),
      messages: [...inspector.recorder.messages()]
        .filter(({ connection }) => isWanted(connection))
        .map(masking.message),
    };
    return format === 'har' ? toHar(recording, version) : [...jsonLinesOf(recording)].join('');
  }
}
