import { once } from 'node:events';
import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { createInspectorEndpoint, type Inspector, type InspectorEndpointOptions } from '../../src/index.ts';
import type { ConnectionJson, InspectorMessage, MessageJson, Order } from '../../src/recording/index.ts';
import { listen } from './inspecting.ts';

/** Serves an inspector to pages. Returns the URL. */
export async function serveInspector(
  inspector: Inspector,
  options: Partial<InspectorEndpointOptions> = {},
): Promise<string> {
  const endpoint = createInspectorEndpoint({
    inspector,
    target: 'ws://target.example',
    masks: false,
    version: '0',
    authorize: () => true,
    ...options,
  });
  const server = createServer();
  endpoint.attach(server);
  onTestFinished(() => void endpoint.close({ timeout: 0 }));
  return `ws://127.0.0.1:${await listen(server)}`;
}

type Answer = Extract<InspectorMessage, { type: 'done' | 'refused' }>;

/** What a page would know. */
export class TestPage {
  readonly socket: WebSocket;
  readonly said: InspectorMessage[] = [];
  readonly connections = new Map<number, ConnectionJson>();
  readonly messages = new Map<number, MessageJson>();
  missed = 0;
  fellOut = 0;
  #order = 0;
  #changed: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    onTestFinished(() => socket.terminate());
    socket.on('message', (data) => {
      const said: InspectorMessage = JSON.parse(String(data));
      this.said.push(said);
      if (said.type === 'news') {
        for (const connection of said.connections) this.connections.set(connection.id, connection);
        for (const message of said.messages) this.messages.set(message.seq, message);
        this.missed = said.missed;
        this.fellOut = said.fellOut;
      }
      this.#changed();
    });
  }

  static async open(url: string): Promise<TestPage> {
    const page = new TestPage(new WebSocket(url, { maxPayload: 0 }));
    await once(page.socket, 'open');
    return page;
  }

  /** Waits until something is so. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  async order(order: Order): Promise<Answer> {
    const number = ++this.#order;
    this.socket.send(JSON.stringify({ ...order, order: number }));
    return await this.answer(number);
  }

  answer(number: number): Promise<Answer> {
    const isAnswer = (said: InspectorMessage): said is Answer => 'order' in said && said.order === number;
    return this.until(() => this.said.find(isAnswer));
  }
}
