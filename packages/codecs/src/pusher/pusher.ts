import type { JsonValue } from '../decoder.ts';
import { isObject, readJson, readJsonObject, stringOf } from '../json.ts';
import type { Reading } from '../reading.ts';

// Pusher Channels, protocol 7: https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/
// A message is a JSON object with the name of an event. Its data are often JSON again, in a string: servers send them so, and
// clients take both.

export interface PusherPacket {
  /** `pusher:subscribe`, `pusher_internal:subscription_succeeded`, `client-moved`, or the application's own. */
  readonly event: string;
  readonly channel?: string | undefined;
  /** What is in the string, where it is JSON in a string. */
  readonly data?: JsonValue | undefined;
  /** Whether `data` is JSON in a string. */
  readonly isDataText: boolean;
  /** Who sent a client event on a presence channel. */
  readonly userId?: string | undefined;
}

export function readPusher(text: string): Reading<PusherPacket> {
  const { value, problem } = readJsonObject(text);
  if (problem !== undefined) return { problem };
  const { event, channel, data, user_id: userId } = value;
  if (typeof event !== 'string') return { problem: 'no message of Pusher: it has no event' };
  if (channel !== undefined && channel !== null && typeof channel !== 'string')
    return { problem: 'channel is no string' };
  const packet = { event, channel: stringOf(channel), userId: stringOf(userId) };
  const inner = typeof data === 'string' ? readJson(data).value : undefined;
  return {
    value: inner === undefined ? { ...packet, data, isDataText: false } : { ...packet, data: inner, isDataText: true },
  };
}

/** @throws TypeError if there is no event, or the data are nothing that JSON has */
export function writePusher({ event, channel, data, isDataText, userId }: PusherPacket): string {
  if (event === '') throw new TypeError('event must not be empty');
  const said = isDataText && data !== undefined ? JSON.stringify(data) : data;
  return JSON.stringify({ event, channel, data: said, user_id: userId });
}

/** What `pusher:connection_established` says. */
export interface PusherConnection {
  readonly socketId: string;
  /** Seconds without a message after which the client sends `pusher:ping`. */
  readonly activityTimeout?: number | undefined;
}

/** `undefined` if the packet is another. */
export function pusherConnection({ event, data }: PusherPacket): PusherConnection | undefined {
  if (event !== 'pusher:connection_established' || !isObject(data)) return undefined;
  const { socket_id: socketId, activity_timeout: timeout } = data;
  if (typeof socketId !== 'string') return undefined;
  return { socketId, activityTimeout: typeof timeout === 'number' ? timeout : undefined };
}

/** What a client that got `pusher:error`, or a Close frame with such a code, is to do. */
export function pusherErrorMeaning(code: number): string | undefined {
  const meaning = meanings.get(code);
  const then = consequence(code);
  return meaning === undefined ? then : then === undefined ? meaning : `${meaning}; ${then}`;
}

function consequence(code: number): string | undefined {
  if (code >= 4000 && code <= 4099) return 'do not connect again as before';
  if (code >= 4100 && code <= 4199) return 'connect again after a second or more';
  return code >= 4200 && code <= 4299 ? 'connect again at once' : undefined;
}

const meanings: ReadonlyMap<number, string> = new Map([
  [4000, 'the application takes TLS only'],
  [4001, 'no such application'],
  [4003, 'the application is disabled'],
  [4004, 'the application has too many connections'],
  [4005, 'no such path'],
  [4006, 'the name or version of the client is malformed'],
  [4007, 'this version of the protocol is not supported'],
  [4008, 'no version of the protocol was given'],
  [4009, 'the connection is not authorized'],
  [4100, 'over capacity'],
  [4200, 'connect again, please'],
  [4201, 'no pong came in time'],
  [4202, 'nothing came for too long'],
  [4301, 'client events came too fast, and this one was not passed on'],
  [4302, 'the server cannot watch that many'],
]);
