import { asText, type Dialogue, type DialogueContext, type DialogueKind } from './dialogue.ts';

/** Messages as they are. */
export const plain: DialogueKind = {
  activities: ['echo', 'request', 'pubsub', 'idle', 'storm'],
  echoesByChannel: false,
  publishersSubscribe: false,
  channel: 'bench-{{channel}}',
  addressOf: (url) => url,
  subprotocols: [],
  headersOf: ({ token }): Readonly<Record<string, string>> =>
    token === undefined ? {} : { Authorization: `Bearer ${token}` },
  create: (context) => new PlainDialogue(context),
};

class PlainDialogue implements Dialogue {
  readonly #context: DialogueContext;

  constructor(context: DialogueContext) {
    this.#context = context;
  }

  begin(): void {
    this.#context.listener.ready();
  }

  received(data: string | Uint8Array): void {
    this.#context.listener.message(asText(data));
  }

  /** @param channel the message that subscribes, or the empty text for none */
  subscribe(channel: string): void {
    if (channel !== '') this.#context.write(channel);
    this.#context.listener.subscribed(channel);
  }

  send(body: string | Uint8Array): void {
    this.#context.write(body);
  }

  request(body: string | Uint8Array): void {
    this.#context.write(body);
  }
}
