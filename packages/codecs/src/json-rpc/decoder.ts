import type {
  Body,
  Conversation,
  Decoded,
  Decoder,
  DecoderKind,
  Direction,
  JsonValue,
  MessageData,
} from '../decoder.ts';
import { isObject, readJsonObject } from '../json.ts';
import { shareOf, sureness } from '../recognising.ts';
import { Waiting } from '../waiting.ts';
import { type JsonRpcId, type JsonRpcPacket, jsonRpcErrorMeaning, readJsonRpc } from './json-rpc.ts';

// JSON-RPC for a viewer. Either side may ask, and the other's answer has the id, but not the method.

class JsonRpcDecoder implements Decoder {
  readonly #asked = { toServer: new Waiting<JsonRpcId, string>(), toClient: new Waiting<JsonRpcId, string>() };

  decode(data: MessageData, direction: Direction): readonly Decoded[] | undefined {
    if (typeof data !== 'string') return undefined;
    const { values, isBatch, problem } = readJsonRpc(data);
    if (problem !== undefined && values.length === 0 && !saysSo(data)) return undefined;
    const fields = isBatch ? [['batch', `of ${values.length}`] as const] : [];
    const decoded = values.map((packet) => this.#shown(packet, direction, fields));
    return problem === undefined ? decoded : [...decoded, { kind: 'packet', fields, problem }];
  }

  #shown(packet: JsonRpcPacket, direction: Direction, fields: Decoded['fields']): Decoded {
    if (packet.type === 'notification')
      return { kind: packet.type, about: packet.method, fields, body: bodyOf(packet.params) };
    const id = packet.id === null ? 'null' : String(packet.id);
    if (packet.type === 'request') {
      this.#asked[direction].add(packet.id, packet.method);
      return { kind: packet.type, about: packet.method, id, fields, body: bodyOf(packet.params) };
    }
    const about = this.#asked[direction === 'toServer' ? 'toClient' : 'toServer'].take(packet.id);
    if (packet.type === 'result') return { kind: packet.type, about, id, fields, body: bodyOf(packet.result) };
    const { code, message, data } = packet.error;
    const meaning = jsonRpcErrorMeaning(code);
    const error = [
      ['code', meaning === undefined ? String(code) : `${code}: ${meaning}`] as const,
      ['message', message] as const,
    ];
    return { kind: packet.type, about, id, fields: [...fields, ...error], body: bodyOf(data) };
  }
}

function bodyOf(value: JsonValue | undefined): Body | undefined {
  return value === undefined ? undefined : { type: 'json', value };
}

/** Whether it calls itself JSON-RPC, whatever is wrong with it. */
function saysSo(data: string): boolean {
  const { value } = readJsonObject(data);
  return isObject(value) && value.jsonrpc === '2.0';
}

function recognise(conversation: Conversation): number {
  if (/^jsonrpc(?:-?2(?:\.0)?)?$/i.test(conversation.subprotocol)) return 1;
  const share = shareOf(conversation, (data) => typeof data === 'string' && readJsonRpc(data).problem === undefined);
  return sureness(share, 0.95);
}

export const jsonRpcDecoder: DecoderKind = {
  name: 'json-rpc',
  title: 'JSON-RPC',
  recognise,
  create: () => new JsonRpcDecoder(),
};
