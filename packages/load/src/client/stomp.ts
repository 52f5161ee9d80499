import { type StompFrame, StompReader, stompHeader, writeStomp } from '@tidewire/codecs';
import { asText, type Dialogue, type DialogueContext, type DialogueKind } from './dialogue.ts';

/** STOMP 1.2. Channels are destinations; a request is a message with a receipt. */
export const stomp: DialogueKind = {
  activities: ['echo', 'request', 'pubsub', 'idle', 'storm'],
  echoesByChannel: true,
  publishersSubscribe: false,
  channel: '/topic/bench-{{channel}}',
  addressOf: (url) => url,
  subprotocols: ['v12.stomp'],
  headersOf: () => ({}),
  create: (context) => new StompDialogue(context),
};

class StompDialogue implements Dialogue {
  readonly #context: DialogueContext;
  readonly #reader = new StompReader();
  readonly #subscriptions = new Map<string, string>();

  constructor(context: DialogueContext) {
    this.#context = context;
  }

  begin(): void {
    const { target, write } = this.#context;
    const headers: [string, string][] = [
      ['accept-version', '1.2'],
      ['host', target.namespace],
      ['heart-beat', '0,0'],
    ];
    if (target.user !== undefined) headers.push(['login', target.user]);
    if (target.token !== undefined) headers.push(['passcode', target.token]);
    write(writeStomp({ command: 'CONNECT', headers }));
  }

  received(data: string | Uint8Array): void {
    const { values, problem } = this.#reader.read(data);
    for (const frame of values) if ('headers' in frame) this.#frame(frame);
    if (problem !== undefined) this.#context.listener.failed(`stomp: ${problem}`);
  }

  subscribe(channel: string): void {
    const id = String(this.#subscriptions.size + 1);
    this.#subscriptions.set(`s${id}`, channel);
    const headers = [
      ['id', id],
      ['destination', channel],
      ['ack', 'auto'],
      ['receipt', `s${id}`],
    ] as const;
    this.#context.write(writeStomp({ command: 'SUBSCRIBE', headers }));
  }

  send(body: string | Uint8Array, channel: string): void {
    this.#send(body, [['destination', channel]]);
  }

  request(body: string | Uint8Array, id: number): void {
    const destination = `/topic/bench-request-${this.#context.connection}`;
    this.#send(body, [
      ['destination', destination],
      ['receipt', `r${id}`],
    ]);
  }

  #send(body: string | Uint8Array, headers: readonly (readonly [string, string])[]): void {
    this.#context.write(writeStomp({ command: 'SEND', headers, body: Buffer.from(body) }));
  }

  #frame(frame: StompFrame): void {
    const { listener } = this.#context;
    switch (frame.command) {
      case 'CONNECTED':
        listener.ready();
        break;
      case 'MESSAGE':
        listener.message(asText(frame.body));
        break;
      case 'RECEIPT':
        this.#receipt(stompHeader(frame, 'receipt-id') ?? '');
        break;
      case 'ERROR':
        listener.failed(`stomp: ${stompHeader(frame, 'message') ?? 'an error without a message'}`);
        break;
      default:
        listener.failed(`stomp: a frame ${frame.command} of a server`);
        break;
    }
  }

  #receipt(id: string): void {
    const { listener } = this.#context;
    const channel = this.#subscriptions.get(id);
    if (channel !== undefined) listener.subscribed(channel);
    else if (/^r\d{1,15}$/.test(id)) listener.answered(Number(id.slice(1)), undefined);
  }
}
