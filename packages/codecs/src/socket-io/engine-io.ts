import type { MessageData } from '../decoder.ts';
import { isArray, type JsonObject, numberOf, readJsonObject, stringOf } from '../json.ts';
import type { Reading } from '../reading.ts';

// Engine.IO 4, what carries Socket.IO: https://github.com/socketio/engine.io-protocol
// On a WebSocket a packet is a message: a digit and text, or bytes, which are always a `message`.

/** What the server says first. Times are in milliseconds, `maxPayload` in bytes. */
export interface EngineIoHandshake {
  readonly sid: string;
  readonly upgrades: readonly string[];
  readonly pingInterval: number;
  readonly pingTimeout: number;
  readonly maxPayload?: number | undefined;
}

export type EngineIoPacket =
  | { readonly type: 'open'; readonly handshake: EngineIoHandshake }
  /** Data is `probe` while a connection is upgraded to a WebSocket, else empty. */
  | { readonly type: 'ping' | 'pong'; readonly data: string }
  | { readonly type: 'message'; readonly data: MessageData }
  | { readonly type: 'close' | 'upgrade' | 'noop' };

const types = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'] as const;

export function readEngineIo(data: MessageData): Reading<EngineIoPacket> {
  if (typeof data !== 'string') return { value: { type: 'message', data } };
  if (data.startsWith('b')) return readBase64(data.slice(1));
  const type = types[data.charCodeAt(0) - 0x30];
  if (type === undefined) return { problem: 'no packet of Engine.IO: it must begin with a digit from 0 to 6' };
  const rest = data.slice(1);
  if (type === 'open') return readHandshake(rest);
  if (type === 'message' || type === 'ping' || type === 'pong') return { value: { type, data: rest } };
  return rest === '' ? { value: { type } } : { problem: `${type} with data` };
}

/** @throws TypeError if the handshake has no sid */
export function writeEngineIo(packet: EngineIoPacket): MessageData {
  const digit = types.indexOf(packet.type);
  if (packet.type === 'open') {
    if (packet.handshake.sid === '') throw new TypeError('handshake.sid must not be empty');
    return `${digit}${JSON.stringify(packet.handshake)}`;
  }
  if (packet.type === 'message') return typeof packet.data === 'string' ? `${digit}${packet.data}` : packet.data;
  return packet.type === 'ping' || packet.type === 'pong' ? `${digit}${packet.data}` : String(digit);
}

function readHandshake(text: string): Reading<EngineIoPacket> {
  const { value, problem } = readJsonObject(text);
  if (problem !== undefined) return { problem: `open with ${problem}` };
  const handshake = handshakeOf(value);
  if (handshake === undefined) return { problem: 'open without sid, pingInterval and pingTimeout' };
  return { value: { type: 'open', handshake } };
}

function handshakeOf(value: JsonObject): EngineIoHandshake | undefined {
  const sid = stringOf(value.sid);
  const pingInterval = numberOf(value.pingInterval);
  const pingTimeout = numberOf(value.pingTimeout);
  const maxPayload = numberOf(value.maxPayload);
  if (sid === undefined || pingInterval === undefined || pingTimeout === undefined) return undefined;
  const listed = value.upgrades;
  const upgrades = isArray(listed) ? listed.filter((each) => typeof each === 'string') : [];
  const handshake = { sid, upgrades, pingInterval, pingTimeout };
  return maxPayload === undefined ? handshake : { ...handshake, maxPayload };
}

/** Bytes for whom only text gets through. */
function readBase64(text: string): Reading<EngineIoPacket> {
  try {
    const data = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return { value: { type: 'message', data } };
  } catch {
    return { problem: 'bytes that are not in base64' };
  }
}
