import type { JsonValue } from '../decoder.ts';
import { isArray, isObject, MAX_DEPTH, readJson } from '../json.ts';
import type { Reading } from '../reading.ts';

// Socket.IO 5, in the messages of Engine.IO: https://github.com/socketio/socket.io-protocol
// A packet is <type>[<attachments>-][<namespace>,][<ack id>][<JSON>]. Bytes follow in messages of their own, and the JSON has
// {"_placeholder":true,"num":0} in their place.

/** What an application may send: what JSON has, and bytes. */
export type SocketIoValue =
  | JsonValue
  | Uint8Array
  | readonly SocketIoValue[]
  | { readonly [key: string]: SocketIoValue };

export type SocketIoPacket =
  | { readonly type: 'CONNECT'; readonly namespace: string; readonly data?: JsonValue | undefined }
  | { readonly type: 'DISCONNECT'; readonly namespace: string }
  | { readonly type: 'CONNECT_ERROR'; readonly namespace: string; readonly data: JsonValue }
  /** The event's name comes first, its arguments after it. With an id the sender wants an ACK. */
  | {
      readonly type: 'EVENT';
      readonly namespace: string;
      readonly event: string;
      readonly args: readonly SocketIoValue[];
      readonly id?: number | undefined;
    }
  | {
      readonly type: 'ACK';
      readonly namespace: string;
      readonly id: number;
      readonly args: readonly SocketIoValue[];
    };

/** A packet as its text says it, with placeholders where attachments go. */
export interface SocketIoHead {
  readonly packet: SocketIoPacket;
  /** How many messages with bytes follow that belong to it. 0 unless it is a BINARY_EVENT or BINARY_ACK. */
  readonly attachments: number;
}

/** More make a packet a problem: whoever joins them has to keep them. */
export const MAX_ATTACHMENTS = 1000;

const types = ['CONNECT', 'DISCONNECT', 'EVENT', 'ACK', 'CONNECT_ERROR', 'EVENT', 'ACK'] as const;
const BINARY = 5;
const form = /^([0-6])(?:(\d{1,15})-)?(?:(\/[^,]*)(?:,|$))?(\d{1,15})?/;

/** Reads the text of a `message` of Engine.IO. */
export function readSocketIo(text: string): Reading<SocketIoHead> {
  const [head, digit = '', count, namespace = '/', id] = form.exec(text) ?? [];
  const type = types[Number(digit)];
  if (head === undefined || type === undefined)
    return { problem: 'no packet of Socket.IO: it must begin with a digit from 0 to 6' };
  if ((count !== undefined) !== Number(digit) >= BINARY)
    return { problem: 'a number of attachments belongs to binary packets only' };
  const attachments = Number(count ?? 0);
  if (attachments > MAX_ATTACHMENTS) return { problem: `more than ${MAX_ATTACHMENTS} attachments` };
  const { value, problem } = readPayload(text.slice(head.length));
  if (problem !== undefined) return { problem: `${type} with ${problem}` };
  const packet = packetOf(type, namespace, id === undefined ? undefined : Number(id), value.data);
  return typeof packet === 'string' ? { problem: packet } : { value: { packet, attachments } };
}

function readPayload(text: string): Reading<{ data: JsonValue | undefined }> {
  if (text === '') return { value: { data: undefined } };
  const { value, problem } = readJson(text);
  return problem === undefined ? { value: { data: value } } : { problem };
}

/** What is wrong, in words, where it makes no packet. */
function packetOf(
  type: SocketIoPacket['type'],
  namespace: string,
  id: number | undefined,
  data: JsonValue | undefined,
): SocketIoPacket | string {
  switch (type) {
    case 'CONNECT':
      if (data === undefined) return { type, namespace };
      return isObject(data) ? { type, namespace, data } : 'CONNECT with data that are no object';
    case 'DISCONNECT':
      return data === undefined ? { type, namespace } : 'DISCONNECT with data';
    case 'CONNECT_ERROR':
      if (typeof data === 'string' || isObject(data)) return { type, namespace, data };
      return 'CONNECT_ERROR with data that are neither an object nor a string';
    case 'EVENT': {
      if (!isArray(data) || data.length === 0) return 'EVENT without an array that begins with its name';
      const [name, ...args] = data;
      if (typeof name !== 'string' && typeof name !== 'number') return 'EVENT whose name is no string';
      const event = { type, namespace, event: String(name), args };
      return id === undefined ? event : { ...event, id };
    }
    case 'ACK':
      if (id === undefined) return 'ACK without an id';
      return isArray(data) ? { type, namespace, id, args: data } : 'ACK without an array';
  }
}

/**
 * The messages of Engine.IO that say it: text, and one with bytes for each attachment.
 * @throws TypeError if the namespace, the id or the data cannot be said
 */
export function writeSocketIo(packet: SocketIoPacket): readonly [text: string, ...attachments: Uint8Array[]] {
  const { type, namespace } = packet;
  if (!/^\/[^,]*$/.test(namespace)) throw new TypeError('namespace must begin with a slash and have no comma');
  const id = 'id' in packet && packet.id !== undefined ? packet.id : '';
  if (id !== '' && !(Number.isSafeInteger(id) && id >= 0 && id < 1e15))
    throw new TypeError('id must be an integer from 0 to 10^15');
  const attachments: Uint8Array[] = [];
  const json = withPlaceholders(payloadOf(packet), attachments);
  const digit = types.indexOf(type) + (attachments.length > 0 ? BINARY - types.indexOf('EVENT') : 0);
  const count = attachments.length > 0 ? `${attachments.length}-` : '';
  return [`${digit}${count}${namespace === '/' ? '' : `${namespace},`}${id}${json}`, ...attachments];
}

function payloadOf(packet: SocketIoPacket): SocketIoValue | undefined {
  if (packet.type === 'EVENT') return [packet.event, ...packet.args];
  if (packet.type === 'ACK') return packet.args;
  return packet.type === 'DISCONNECT' ? undefined : packet.data;
}

function withPlaceholders(payload: SocketIoValue | undefined, attachments: Uint8Array[]): string {
  if (payload === undefined) return '';
  // The holder has what a `toJSON` of the value has not changed: Node's Buffer has one.
  const replaced = function (this: unknown, key: string, value: unknown): unknown {
    const original = typeof this === 'object' && this !== null ? Reflect.get(this, key) : value;
    if (!(original instanceof Uint8Array)) return value;
    return { _placeholder: true, num: attachments.push(original) - 1 };
  };
  return JSON.stringify(payload, replaced);
}

/** The packet with its attachments where the placeholders are, or what is wrong with those. */
export function joinSocketIo(packet: SocketIoPacket, attachments: readonly Uint8Array[]): Reading<SocketIoPacket> {
  if (packet.type !== 'EVENT' && packet.type !== 'ACK') return { value: packet };
  const missing: unknown[] = [];
  const join = (value: SocketIoValue, depth: number): SocketIoValue => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array || depth > MAX_DEPTH) return value;
    if (Array.isArray(value)) return value.map((each) => join(each, depth + 1));
    const entries = Object.entries(value);
    const number = placeholderOf(new Map(entries));
    if (number === undefined) return Object.fromEntries(entries.map(([name, each]) => [name, join(each, depth + 1)]));
    const attachment = typeof number === 'number' ? attachments[number] : undefined;
    if (attachment === undefined) missing.push(number);
    return attachment ?? value;
  };
  const args = packet.args.map((each) => join(each, 0));
  return missing.length === 0
    ? { value: { ...packet, args } }
    : { problem: 'a placeholder for an attachment that is not there' };
}

function placeholderOf(object: ReadonlyMap<string, SocketIoValue>): SocketIoValue | undefined {
  return object.get('_placeholder') === true ? (object.get('num') ?? null) : undefined;
}
