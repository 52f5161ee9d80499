import { withoutItsEnd } from '../cut.ts';
import type { Body, Conversation, Decoded, Decoder, DecoderKind, Direction, MessageData } from '../decoder.ts';
import { isObject, type JsonObject, numberOf, stringOf } from '../json.ts';
import { shareOf, sureness, targetOf } from '../recognising.ts';
import { Waiting } from '../waiting.ts';
import {
  type CentrifugoCommand,
  type CentrifugoReply,
  readCentrifugoCommands,
  readCentrifugoReplies,
} from './centrifugo.ts';
import { centrifugoDisconnectMeaning, centrifugoErrorMeaning, centrifugoUnsubscribeMeaning } from './codes.ts';

// Centrifugo's JSON for a viewer. What a reply is about is known from its command, so commands are remembered until then.

class CentrifugoDecoder implements Decoder {
  readonly #waiting = new Waiting<number, { method: string; about: string | undefined }>();

  decode(data: MessageData, direction: Direction, isCut = false): readonly Decoded[] | undefined {
    return isCut ? withoutItsEnd(this.#decode(data, direction)) : this.#decode(data, direction);
  }

  #decode(data: MessageData, direction: Direction): readonly Decoded[] | undefined {
    if (typeof data !== 'string') return undefined;
    const { decoded, problem } = direction === 'toServer' ? this.#commands(data) : this.#replies(data);
    if (problem === undefined) return decoded;
    return decoded.length === 0 && !isLikely(data) ? undefined : [...decoded, { kind: 'line', fields: [], problem }];
  }

  #commands(data: string): { decoded: Decoded[]; problem?: string | undefined } {
    const { values, problem } = readCentrifugoCommands(data);
    return { decoded: values.map((command) => this.#command(command)), problem };
  }

  #replies(data: string): { decoded: Decoded[]; problem?: string | undefined } {
    const { values, problem } = readCentrifugoReplies(data);
    return { decoded: values.map((reply) => this.#reply(reply)), problem };
  }

  #command(command: CentrifugoCommand): Decoded {
    if (command.type === 'pong') return { kind: 'pong', fields: [] };
    const { id, method, request } = command;
    const about = stringOf(request.channel) ?? stringOf(request.method);
    if (id !== undefined) this.#waiting.add(id, { method, about });
    return { kind: method, about, id: id === undefined ? undefined : String(id), fields: [], body: bodyOf(request) };
  }

  #reply(reply: CentrifugoReply): Decoded {
    if (reply.type === 'ping') return { kind: 'ping', fields: [] };
    if (reply.type === 'push') return shownPush(reply);
    const command = this.#waiting.take(reply.id);
    const shown = { about: command?.about, id: String(reply.id) };
    if (reply.type === 'result')
      return { kind: `${reply.method} result`, ...shown, fields: [], body: bodyOf(reply.result) };
    const { code, message, temporary } = reply.error;
    const fields: [string, string][] = [
      ['code', withMeaning(code, centrifugoErrorMeaning(code))],
      ['message', message],
      ['temporary', String(temporary)],
    ];
    return { kind: command === undefined ? 'error' : `${command.method} error`, ...shown, fields };
  }
}

function shownPush({ push, channel, data }: CentrifugoReply & { type: 'push' }): Decoded {
  const fields: [string, string][] = [];
  const code = numberOf(data.code);
  if (code !== undefined && push === 'disconnect')
    fields.push(['code', withMeaning(code, centrifugoDisconnectMeaning(code))]);
  if (code !== undefined && push === 'unsubscribe')
    fields.push(['code', withMeaning(code, centrifugoUnsubscribeMeaning(code))]);
  if (push !== 'pub') return { kind: push, about: channel, fields, body: bodyOf(data) };
  // Of a publication the application's data are what one wants to see.
  const { data: payload, ...rest } = data;
  for (const [name, value] of Object.entries(rest))
    fields.push([name, typeof value === 'string' ? value : JSON.stringify(value)]);
  return {
    kind: push,
    about: channel,
    fields,
    body: payload === undefined ? undefined : { type: 'json', value: payload },
  };
}

function withMeaning(code: number, meaning: string | undefined): string {
  return meaning === undefined ? String(code) : `${code}: ${meaning}`;
}

function bodyOf(object: JsonObject): Body | undefined {
  return Object.keys(object).length === 0 ? undefined : { type: 'json', value: object };
}

function isLikely(data: string): boolean {
  return /^\s*\{"(?:id":\d|push":\{|connect":\{)/.test(data);
}

function isCentrifugo(data: MessageData, direction: Direction): boolean {
  if (typeof data !== 'string') return false;
  const { problem } = direction === 'toServer' ? readCentrifugoCommands(data) : readCentrifugoReplies(data);
  return problem === undefined;
}

/** A connect is nothing that others would say by chance. */
function isConnecting(data: MessageData, direction: Direction): boolean {
  if (typeof data !== 'string') return false;
  if (direction === 'toServer')
    return readCentrifugoCommands(data).values.some((each) => each.type === 'command' && each.method === 'connect');
  return readCentrifugoReplies(data).values.some(
    (each) => each.type === 'push' || (each.type === 'result' && isObject(each.result) && each.method === 'connect'),
  );
}

function recognise(conversation: Conversation): number {
  if (conversation.subprotocol === 'centrifuge-json') return 1;
  if (conversation.subprotocol !== '') return 0;
  const share = shareOf(conversation, isCentrifugo);
  if (targetOf(conversation).path.endsWith('/connection/websocket'))
    return conversation.messages.length === 0 ? 0.8 : sureness(share, 0.95);
  return shareOf(conversation, isConnecting) === 0 ? 0 : sureness(share, 0.85);
}

export const centrifugoDecoder: DecoderKind = {
  name: 'centrifugo',
  title: 'Centrifugo',
  recognise,
  create: () => new CentrifugoDecoder(),
};
