import {
  type CentrifugoCommand,
  type CentrifugoReply,
  readCentrifugoReplies,
  writeCentrifugoCommands,
} from '@tidewire/codecs';
import { asText, type Dialogue, type DialogueContext, type DialogueKind } from './dialogue.ts';
import { jsonBody } from './json-body.ts';

/** Centrifugo's client protocol in JSON, which the hub of Tidewire speaks, too. Messages are publications. */
export const centrifugo: DialogueKind = {
  activities: ['echo', 'request', 'pubsub', 'idle', 'storm'],
  echoesByChannel: true,
  publishersSubscribe: false,
  channel: 'bench-{{channel}}',
  addressOf: (url) => url,
  subprotocols: [],
  headersOf: () => ({}),
  create: (context) => new CentrifugoDialogue(context),
};

type Asked =
  | { readonly type: 'connect' | 'publish' }
  | { readonly type: 'subscribe'; readonly channel: string }
  | { readonly type: 'request'; readonly id: number };

class CentrifugoDialogue implements Dialogue {
  readonly #context: DialogueContext;
  /** What each command that has no reply yet was for, by its id. */
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;

  constructor(context: DialogueContext) {
    this.#context = context;
  }

  begin(): void {
    const { token } = this.#context.target;
    this.#ask({ type: 'connect' }, 'connect', token === undefined ? {} : { token });
  }

  received(data: string | Uint8Array): void {
    const { values, problem } = readCentrifugoReplies(asText(data));
    for (const reply of values) this.#reply(reply);
    if (problem !== undefined) this.#context.listener.failed(`centrifugo: ${problem}`);
  }

  subscribe(channel: string): void {
    this.#ask({ type: 'subscribe', channel }, 'subscribe', { channel });
  }

  send(body: string | Uint8Array, channel: string): void {
    this.#ask({ type: 'publish' }, 'publish', { channel, data: jsonBody(body) });
  }

  request(body: string | Uint8Array, id: number): void {
    const { target, connection } = this.#context;
    const data = jsonBody(body);
    const request = { type: 'request', id } as const;
    if (target.event !== undefined) this.#ask(request, 'rpc', { method: target.event, data });
    else this.#ask(request, 'publish', { channel: `bench-request-${connection}`, data });
  }

  #reply(reply: CentrifugoReply): void {
    const { listener, write } = this.#context;
    switch (reply.type) {
      case 'ping':
        write(writeCentrifugoCommands([{ type: 'pong' }]));
        break;
      case 'push':
        if (reply.push === 'pub' || reply.push === 'message') listener.message(JSON.stringify(reply.data));
        else if (reply.push === 'unsubscribe' || reply.push === 'disconnect')
          listener.failed(`centrifugo: ${reply.push} ${JSON.stringify(reply.data)}`);
        break;
      case 'result':
        this.#answered(reply.id, undefined);
        break;
      case 'error':
        this.#answered(reply.id, `${reply.error.code} ${reply.error.message}`);
        break;
    }
  }

  #answered(id: number, error: string | undefined): void {
    const { listener } = this.#context;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined) {
      listener.failed('centrifugo: a reply to no command');
      return;
    }
    const refusal = error === undefined ? undefined : `${asked.type} refused: ${error}`;
    if (asked.type === 'subscribe') listener.subscribed(asked.channel, refusal);
    else if (asked.type === 'request') listener.answered(asked.id, refusal);
    else if (refusal !== undefined) listener.failed(refusal);
    else if (asked.type === 'connect') listener.ready();
  }

  #ask(
    asked: Asked,
    method: Extract<CentrifugoCommand, { readonly type: 'command' }>['method'],
    request: object,
  ): void {
    this.#lastId += 1;
    this.#asked.set(this.#lastId, asked);
    this.#context.write(
      writeCentrifugoCommands([{ type: 'command', id: this.#lastId, method, request: { ...request } }]),
    );
  }
}
