// What the race page and the race server say to each other: over the control connection, one JSON object per WebSocket
// message, and in every lane the messages of the stream. Both sides decode here what they receive.

/** The ways by which a message can come to the page, in the order in which the web learned them. */
export const raceLanes = ['polling', 'long-polling', 'events', 'stream', 'websocket', 'websocket-h2'] as const;

export type RaceLane = (typeof raceLanes)[number];

/** Messages per second, and milliseconds of delay for a way there and back. */
export const raceLimits = { rate: { min: 0.2, max: 50 }, delay: { min: 0, max: 500 } } as const;

export interface RaceSettings {
  readonly rate: number;
  readonly delay: number;
}

/** One message of the stream. */
export interface RaceMessage {
  /** From 1 on, without gaps. */
  readonly n: number;
  /** When it was made, in milliseconds since the epoch, by the server's clock. */
  readonly at: number;
}

/** What a lane has taken so far, as the server has measured it. */
export interface LaneTally {
  readonly requests: number;
  /** Bytes that the server's sockets have read and written for the lane. */
  readonly received: number;
  readonly sent: number;
  /** Messages handed to the network. */
  readonly messages: number;
  /** CPU time that the server has spent on the lane, in microseconds. */
  readonly cpu: number;
  /** The version of HTTP that carries the lane, as in the request: `1.1` or `2.0`; empty before the first. */
  readonly http: string;
}

export type RaceClientMessage =
  /** The lanes are open: let the stream begin. */
  | { readonly type: 'start' }
  | ({ readonly type: 'settings' } & RaceSettings)
  /** `sent` comes back as it is. */
  | { readonly type: 'ping'; readonly sent: number };

/** `full`: the server has as many runs as it takes, from this address or at all. `time`: the run is over its time. */
export type RaceEnding = 'full' | 'time';

export type RaceServerMessage =
  /** `run` opens the lanes to who knows it. `seconds` is how long the run may last. */
  | { readonly type: 'welcome'; readonly run: string; readonly seconds: number }
  /** `at` is the server's clock, as in the messages of the stream. */
  | { readonly type: 'pong'; readonly sent: number; readonly at: number }
  | { readonly type: 'tally'; readonly at: number; readonly lanes: Readonly<Partial<Record<RaceLane, LaneTally>>> }
  | { readonly type: 'ended'; readonly reason: RaceEnding };

/** Checks what a page sent. Numbers come back within `raceLimits`. `undefined` if it is no message of this protocol. */
export function decodeRaceClientMessage(data: unknown): RaceClientMessage | undefined {
  const fields = parseObject(data);
  if (fields?.type === 'start') return { type: 'start' };
  if (fields?.type === 'ping' && isNumber(fields.sent)) return { type: 'ping', sent: fields.sent };
  if (fields?.type !== 'settings' || !isNumber(fields.rate) || !isNumber(fields.delay)) return undefined;
  return {
    type: 'settings',
    rate: within(raceLimits.rate, fields.rate),
    delay: within(raceLimits.delay, fields.delay),
  };
}

/** Checks what a server sent over the control connection. */
export function decodeRaceServerMessage(data: unknown): RaceServerMessage | undefined {
  const fields = parseObject(data);
  if (fields === undefined) return undefined;
  const { type, run, seconds, sent, at, lanes, reason } = fields;
  if (type === 'welcome' && typeof run === 'string' && isNumber(seconds)) return { type, run, seconds };
  if (type === 'pong' && isNumber(sent) && isNumber(at)) return { type, sent, at };
  if (type === 'tally' && isNumber(at) && isObject(lanes)) return { type, at, lanes: readTallies(lanes) };
  if (type === 'ended' && (reason === 'full' || reason === 'time')) return { type, reason };
  return undefined;
}

/** Checks one message of the stream. */
export function decodeRaceMessage(text: unknown): RaceMessage | undefined {
  const fields = parseObject(text);
  if (fields === undefined || !isNumber(fields.n) || !isNumber(fields.at)) return undefined;
  return { n: fields.n, at: fields.at };
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(data: unknown): Fields | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readTallies(lanes: Fields): Partial<Record<RaceLane, LaneTally>> {
  const tallies: Partial<Record<RaceLane, LaneTally>> = {};
  for (const name of raceLanes) {
    const lane = lanes[name];
    if (!isObject(lane)) continue;
    const { requests, received, sent, messages, cpu, http } = lane;
    if (!isNumber(requests) || !isNumber(received) || !isNumber(sent)) continue;
    if (!isNumber(messages) || !isNumber(cpu) || typeof http !== 'string') continue;
    tallies[name] = { requests, received, sent, messages, cpu, http };
  }
  return tallies;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function within({ min, max }: { readonly min: number; readonly max: number }, value: number): number {
  return Math.min(max, Math.max(min, value));
}
