import {
  type SocketIoMessage,
  type SocketIoPacket,
  SocketIoReader,
  writeEngineIo,
  writeSocketIoMessages,
} from '@tidewire/codecs';
import type { Dialogue, DialogueContext, DialogueKind } from './dialogue.ts';
import { jsonBody } from './json-body.ts';

/** Socket.IO 5 over the WebSocket of Engine.IO 4, without polling before it. Messages are events. */
export const socketIo: DialogueKind = {
  activities: ['echo', 'request', 'pubsub', 'idle', 'storm'],
  echoesByChannel: false,
  publishersSubscribe: false,
  channel: 'bench-{{channel}}',
  addressOf: (text) => {
    const url = new URL(text);
    if (url.pathname === '/') url.pathname = '/socket.io/';
    url.searchParams.set('EIO', '4');
    url.searchParams.set('transport', 'websocket');
    return url.href;
  },
  subprotocols: [],
  headersOf: () => ({}),
  create: (context) => new SocketIoDialogue(context),
};

class SocketIoDialogue implements Dialogue {
  readonly #context: DialogueContext;
  readonly #reader = new SocketIoReader();
  readonly #namespace: string;

  constructor(context: DialogueContext) {
    this.#context = context;
    this.#namespace = context.target.namespace;
  }

  /** The server speaks first. */
  begin(): void {}

  received(data: string | Uint8Array): void {
    const message = this.#reader.read(data);
    if (message.type === 'engine') this.#engine(message);
    else if (message.type === 'packet') this.#packet(message.packet);
    else if (message.type === 'problem') this.#context.listener.failed(`socket.io: ${message.problem}`);
  }

  subscribe(channel: string, by = 'subscribe'): void {
    this.#event(by, [channel]);
    // Socket.IO has no subscriptions: what an application makes of the event, it does not say.
    this.#context.listener.subscribed(channel);
  }

  send(body: string | Uint8Array, channel: string): void {
    const args = channel === '' ? [jsonBody(body)] : [channel, jsonBody(body)];
    this.#event(this.#eventName, args);
  }

  request(body: string | Uint8Array, id: number): void {
    this.#event(this.#eventName, [jsonBody(body)], id);
  }

  get #eventName(): string {
    return this.#context.target.event ?? 'message';
  }

  #engine({ packet }: Extract<SocketIoMessage, { readonly type: 'engine' }>): void {
    const { write, target } = this.#context;
    if (packet.type === 'open') {
      const { token } = target;
      this.#write({ type: 'CONNECT', namespace: this.#namespace, data: token === undefined ? undefined : { token } });
    } else if (packet.type === 'ping') {
      write(writeEngineIo({ type: 'pong', data: packet.data }));
    }
  }

  #packet(packet: SocketIoPacket): void {
    const { listener } = this.#context;
    if (packet.namespace !== this.#namespace) return;
    switch (packet.type) {
      case 'CONNECT':
        listener.ready();
        break;
      case 'CONNECT_ERROR':
        listener.failed(`socket.io refused: ${JSON.stringify(packet.data)}`);
        break;
      case 'DISCONNECT':
        listener.failed('socket.io: disconnected from the namespace');
        break;
      case 'EVENT':
        // In which argument the message is, and with what around it, is the application's matter: a stamp is found anywhere.
        listener.message(JSON.stringify(packet.args));
        break;
      case 'ACK':
        listener.answered(packet.id, undefined);
        break;
    }
  }

  #event(event: string, args: readonly ReturnType<typeof jsonBody>[], id?: number): void {
    this.#write({ type: 'EVENT', namespace: this.#namespace, event, args, id });
  }

  #write(packet: SocketIoPacket): void {
    for (const message of writeSocketIoMessages(packet)) this.#context.write(message);
  }
}
