import { createHmac } from 'node:crypto';
import { type PusherPacket, pusherConnection, pusherErrorMeaning, readPusher, writePusher } from '@tidewire/codecs';
import { asText, type Dialogue, type DialogueContext, type DialogueKind } from './dialogue.ts';
import { jsonBody } from './json-body.ts';

/** Pusher Channels, protocol 7. Messages are client events, on private channels that the secret of the app signs. */
export const pusher: DialogueKind = {
  activities: ['pubsub', 'idle', 'storm'],
  echoesByChannel: false,
  publishersSubscribe: true,
  channel: 'private-bench-{{channel}}',
  addressOf: (text) => {
    const url = new URL(text);
    if (!url.searchParams.has('protocol')) url.searchParams.set('protocol', '7');
    return url.href;
  },
  subprotocols: [],
  headersOf: () => ({}),
  create: (context) => new PusherDialogue(context),
};

class PusherDialogue implements Dialogue {
  readonly #context: DialogueContext;
  #socketId = '';

  constructor(context: DialogueContext) {
    this.#context = context;
  }

  /** The server speaks first. */
  begin(): void {}

  received(data: string | Uint8Array): void {
    const text = asText(data);
    const { value, problem } = readPusher(text);
    if (problem === undefined) this.#packet(value, text);
    else this.#context.listener.failed(`pusher: ${problem}`);
  }

  subscribe(channel: string): void {
    const isOpen = !/^(?:private|presence)-/.test(channel);
    const data = isOpen ? { channel } : { channel, ...this.#signed(channel) };
    this.#write({ event: 'pusher:subscribe', data, isDataText: false });
  }

  send(body: string | Uint8Array, channel: string): void {
    const event = this.#context.target.event ?? 'client-message';
    this.#write({ event, channel, data: jsonBody(body), isDataText: false });
  }

  request(): void {
    throw new TypeError('Pusher has no requests');
  }

  #packet(packet: PusherPacket, text: string): void {
    const { listener } = this.#context;
    const connection = pusherConnection(packet);
    if (connection !== undefined) {
      this.#socketId = connection.socketId;
      listener.ready();
    } else if (packet.event === 'pusher:ping') {
      this.#write({ event: 'pusher:pong', data: {}, isDataText: false });
    } else if (packet.event === 'pusher_internal:subscription_succeeded') {
      listener.subscribed(packet.channel ?? '');
    } else if (packet.event === 'pusher:subscription_error') {
      listener.subscribed(packet.channel ?? '', 'subscribe refused');
    } else if (packet.event === 'pusher:error') {
      listener.failed(`pusher: ${describeError(packet)}`);
    } else if (!packet.event.startsWith('pusher')) {
      listener.message(text);
    }
  }

  /** The key of the app is in the path: /app/KEY. */
  #signed(channel: string): { readonly auth: string; readonly channel_data?: string } {
    const { target, connection } = this.#context;
    const [, key = ''] = /\/app\/([^/?]+)/.exec(target.url[0] ?? '') ?? [];
    const user = channel.startsWith('presence-') ? JSON.stringify({ user_id: String(connection) }) : undefined;
    const said = [this.#socketId, channel, ...(user === undefined ? [] : [user])].join(':');
    const signature = createHmac('sha256', target.token ?? '')
      .update(said)
      .digest('hex');
    return { auth: `${key}:${signature}`, ...(user !== undefined && { channel_data: user }) };
  }

  #write(packet: PusherPacket): void {
    this.#context.write(writePusher(packet));
  }
}

function describeError({ data }: PusherPacket): string {
  const code = typeof data === 'object' && data !== null && 'code' in data ? data.code : undefined;
  const meaning = typeof code === 'number' ? pusherErrorMeaning(code) : undefined;
  return meaning ?? JSON.stringify(data);
}
