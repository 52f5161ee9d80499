import { shownBytes } from '../beyond-json.ts';
import { withoutItsEnd } from '../cut.ts';
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
import { shareOf, sureness, targetOf } from '../recognising.ts';
import { type EngineIoPacket, readEngineIo } from './engine-io.ts';
import { type SocketIoMessage, SocketIoReader } from './reader.ts';
import { readSocketIo, type SocketIoPacket, type SocketIoValue } from './socket-io.ts';

// Socket.IO for a viewer.

class SocketIoDecoder implements Decoder {
  readonly #readers = { toServer: new SocketIoReader(), toClient: new SocketIoReader() };

  decode(data: MessageData, direction: Direction, isCut = false): readonly Decoded[] | undefined {
    return isCut ? withoutItsEnd(this.#decode(data, direction)) : this.#decode(data, direction);
  }

  #decode(data: MessageData, direction: Direction): readonly Decoded[] | undefined {
    const message = this.#readers[direction].read(data);
    if (message.type !== 'problem') return [shown(message, data)];
    // Bytes may be an attachment of a packet that was not seen, and what is almost a packet is worth a word.
    if (typeof data !== 'string')
      return [{ kind: 'attachment', fields: [], body: { type: 'binary', bytes: data }, problem: message.problem }];
    if (!/^[0-6b]/.test(data)) return undefined;
    return [{ kind: 'packet', fields: [], body: { type: 'text', text: data }, problem: message.problem }];
  }
}

function shown(message: Exclude<SocketIoMessage, { type: 'problem' }>, data: MessageData): Decoded {
  if (message.type === 'engine') return shownEngine(message.packet);
  if (message.type === 'begun')
    return shownPacket(message.packet, 'BINARY_', [['attachments', String(message.attachments)]]);
  if (message.type === 'packet') {
    const { packet, attachments } = message;
    return attachments === 0
      ? shownPacket(packet, '', [])
      : shownPacket(packet, 'BINARY_', [['attachment', `${attachments} of ${attachments}`]]);
  }
  const { about, id } = shownPacket(message.packet, 'BINARY_', []);
  const fields = [['attachment', `${message.number} of ${message.of}`]] as const;
  return {
    kind: 'attachment',
    about,
    id,
    fields,
    body: typeof data === 'string' ? undefined : { type: 'binary', bytes: data },
  };
}

function shownEngine(packet: EngineIoPacket): Decoded {
  if (packet.type === 'open') {
    const { sid, upgrades, pingInterval, pingTimeout, maxPayload } = packet.handshake;
    const fields: [string, string][] = [
      ['sid', sid],
      ['upgrades', upgrades.join(', ')],
      ['pingInterval', `${pingInterval} ms`],
      ['pingTimeout', `${pingTimeout} ms`],
    ];
    if (maxPayload !== undefined) fields.push(['maxPayload', `${maxPayload} bytes`]);
    return { kind: 'open', fields };
  }
  const fields =
    'data' in packet && typeof packet.data === 'string' && packet.data !== '' ? [['data', packet.data] as const] : [];
  return { kind: packet.type, fields };
}

function shownPacket(packet: SocketIoPacket, prefix: string, more: [string, string][]): Decoded {
  const fields: [string, string][] = [['namespace', packet.namespace], ...more];
  const kind = `${prefix}${packet.type}`;
  switch (packet.type) {
    case 'EVENT': {
      const id = packet.id === undefined ? undefined : String(packet.id);
      return { kind, about: packet.event, id, fields, body: bodyOf(packet.args) };
    }
    case 'ACK':
      return { kind, id: String(packet.id), fields, body: bodyOf(packet.args) };
    case 'DISCONNECT':
      return { kind, fields };
    default:
      return { kind, fields, body: packet.data === undefined ? undefined : { type: 'json', value: packet.data } };
  }
}

function bodyOf(args: readonly SocketIoValue[]): Body {
  return { type: 'json', value: isJson(args) ? args : args.map(jsonOf) };
}

/** Readers hold the depth. */
function isJson(value: SocketIoValue): value is JsonValue {
  if (typeof value !== 'object' || value === null) return true;
  if (value instanceof Uint8Array) return false;
  return Array.isArray(value) ? value.every(isJson) : Object.values(value).every(isJson);
}

/** Attachments as `{ $bytes }`. */
function jsonOf(value: SocketIoValue): JsonValue {
  if (value instanceof Uint8Array) return shownBytes(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(jsonOf);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, jsonOf(each)]));
}

function isSocketIo(data: MessageData): boolean {
  if (typeof data !== 'string') return true;
  const { value } = readEngineIo(data);
  if (value?.type !== 'message') return value !== undefined;
  return typeof value.data === 'string' && readSocketIo(value.data).value !== undefined;
}

/** Longer than a digit, which is nothing to go by. */
function isTelling(data: MessageData): boolean {
  if (typeof data !== 'string' || !/^(?:0\{|4)/.test(data)) return false;
  return data.length > 2 && isSocketIo(data);
}

function recognise(conversation: Conversation): number {
  const { path, query } = targetOf(conversation);
  if (query.get('EIO') === '4') return path.includes('/socket.io') ? 1 : 0.95;
  if (shareOf(conversation, isTelling) === 0) return 0;
  return sureness(shareOf(conversation, isSocketIo), 0.8);
}

export const socketIoDecoder: DecoderKind = {
  name: 'socket.io',
  title: 'Socket.IO',
  recognise,
  create: () => new SocketIoDecoder(),
};
