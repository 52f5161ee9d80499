import type { JsonValue } from '../decoder.ts';
import { isObject, type JsonObject, readJson } from '../json.ts';
import { MAX_PACKETS, type Reading, type Readings } from '../reading.ts';

// Centrifugo's client protocol in JSON: https://centrifugal.dev/docs/transports/client_protocol
// A message is one command or several, or one reply or several, each in a line. A reply has the id of its command; a push has
// none. The server's ping and the client's pong are both `{}`.

export const centrifugoMethods = [
  ...(['connect', 'subscribe', 'unsubscribe', 'publish', 'presence', 'presence_stats'] as const),
  ...(['history', 'ping', 'send', 'rpc', 'refresh', 'sub_refresh'] as const),
] as const;
export type CentrifugoMethod = (typeof centrifugoMethods)[number];

export const centrifugoPushes = [
  ...(['pub', 'join', 'leave', 'unsubscribe', 'message', 'subscribe', 'connect', 'disconnect', 'refresh'] as const),
] as const;
export type CentrifugoPush = (typeof centrifugoPushes)[number];

export type CentrifugoCommand =
  /** `send` has no id, and no reply. */
  | {
      readonly type: 'command';
      readonly id?: number | undefined;
      readonly method: CentrifugoMethod;
      readonly request: JsonObject;
    }
  | { readonly type: 'pong' };

export type CentrifugoReply =
  | { readonly type: 'result'; readonly id: number; readonly method: CentrifugoMethod; readonly result: JsonObject }
  | {
      readonly type: 'error';
      readonly id: number;
      readonly error: { readonly code: number; readonly message: string; readonly temporary: boolean };
    }
  | {
      readonly type: 'push';
      readonly push: CentrifugoPush;
      readonly channel?: string | undefined;
      readonly data: JsonObject;
    }
  | { readonly type: 'ping' };

/** What a client sends in a message. */
export function readCentrifugoCommands(message: string): Readings<CentrifugoCommand> {
  return readLines(message, readCommand);
}

/** What a server sends in a message. */
export function readCentrifugoReplies(message: string): Readings<CentrifugoReply> {
  return readLines(message, readReply);
}

function readLines<T>(message: string, read: (object: JsonObject) => Reading<T>): Readings<T> {
  const values: T[] = [];
  for (let start = 0; start < message.length; ) {
    const feed = message.indexOf('\n', start);
    const line = message.slice(start, feed < 0 ? message.length : feed);
    start += line.length + 1;
    if (line === '' || line.trim() === '') continue;
    if (values.length === MAX_PACKETS) return { values, problem: `more than ${MAX_PACKETS} lines in a message` };
    const { value: json, problem: wrong } = readJson(line);
    if (wrong !== undefined) return { values, problem: wrong };
    const { value, problem } = isObject(json) ? read(json) : { problem: 'a line that is no JSON object' };
    if (problem !== undefined) return { values, problem };
    values.push(value);
  }
  return values.length === 0 ? { values, problem: 'an empty message' } : { values };
}

function readCommand(object: JsonObject): Reading<CentrifugoCommand> {
  const id = idOf(object);
  if (typeof id === 'string') return { problem: id };
  const method = centrifugoMethods.find((each) => isThere(object, each));
  if (method === undefined)
    return isEmpty(object) ? { value: { type: 'pong' } } : { problem: 'a command that asks for nothing known' };
  const request = object[method];
  if (!isObject(request)) return { problem: `${method} that is no object` };
  return { value: id === 0 ? { type: 'command', method, request } : { type: 'command', id, method, request } };
}

function readReply(object: JsonObject): Reading<CentrifugoReply> {
  const id = idOf(object);
  if (typeof id === 'string') return { problem: id };
  if (isObject(object.push)) return readPush(object.push);
  if (isObject(object.error)) return readError(id, object.error);
  const method = centrifugoMethods.find((each) => isThere(object, each));
  if (method === undefined)
    return isEmpty(object) ? { value: { type: 'ping' } } : { problem: 'a reply that says nothing known' };
  const result = object[method];
  return isObject(result)
    ? { value: { type: 'result', id, method, result } }
    : { problem: `${method} that is no object` };
}

function readPush(object: JsonObject): Reading<CentrifugoReply> {
  const push = centrifugoPushes.find((each) => isThere(object, each));
  const data = push === undefined ? undefined : object[push];
  if (push === undefined || !isObject(data)) return { problem: 'a push that says nothing known' };
  const { channel } = object;
  if (typeof channel === 'string') return { value: { type: 'push', push, channel, data } };
  return channel === undefined ? { value: { type: 'push', push, data } } : { problem: 'channel is no string' };
}

function readError(id: number, { code, message = '', temporary = false }: JsonObject): Reading<CentrifugoReply> {
  if (typeof code !== 'number' || typeof message !== 'string') return { problem: 'an error without a code' };
  return { value: { type: 'error', id, error: { code, message, temporary: temporary === true } } };
}

/** 0 if there is none, or what is wrong with it. */
function idOf({ id = 0 }: JsonObject): number | string {
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 ? id : 'an id that is no integer from 0 on';
}

/** Members that are null say nothing. */
function isThere(object: JsonObject, name: string): boolean {
  return Object.hasOwn(object, name) && object[name] !== null;
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).every((name) => !isThere(object, name));
}

/** @throws TypeError if there is none, or one cannot be said */
export function writeCentrifugoCommands(commands: readonly CentrifugoCommand[]): string {
  return lines('commands', commands, (command) => {
    if (command.type === 'pong') return {};
    const { id, method, request } = command;
    if (id === undefined && method !== 'send') throw new TypeError(`${method} must have an id`);
    return id === undefined ? { [method]: request } : { id: checkedId(id), [method]: request };
  });
}

/** @throws TypeError if there is none, or one cannot be said */
export function writeCentrifugoReplies(replies: readonly CentrifugoReply[]): string {
  return lines('replies', replies, (reply) => {
    if (reply.type === 'ping') return {};
    if (reply.type === 'result') return { id: checkedId(reply.id), [reply.method]: reply.result };
    if (reply.type === 'error') return { id: checkedId(reply.id), error: reply.error };
    const { push, channel, data } = reply;
    return { push: channel === undefined ? { [push]: data } : { channel, [push]: data } };
  });
}

function lines<T>(name: string, packets: readonly T[], said: (packet: T) => JsonObject): string {
  if (packets.length === 0) throw new TypeError(`${name} must not be empty`);
  return packets.map((packet) => JSON.stringify(said(packet))).join('\n');
}

function checkedId(id: number): JsonValue {
  if (!Number.isInteger(id) || id < 0) throw new TypeError('id must be an integer from 0 on');
  return id;
}
