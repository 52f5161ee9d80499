import { decodeEvent, encodeEvent, type Publication } from '@tidewire/hub';

// What is in the store, as text. Keys begin with what they are for:
//
//   m!state                               the store itself: see generations.ts
//   s!"channel"                           the head of a channel's stream
//   p!epoch offset                        a publication: when it was stored, newline, the event as engines write it
//   k!["channel","key"]                   an idempotency key: when, epoch, offset
//   d!time "channel"                      that the stream is to be looked at then, by what has no other business with it
//   t!time ["channel","key"]              that the idempotency key is to be forgotten then
//
// Offsets and times are written so that their order as text is that of the numbers. Channels and keys are written as JSON, in
// which every string can be told from every other.

export const STATE_KEY = 'm!state';

/** Beyond every time. */
export const END_OF_TIME = 1e14;

export interface HeadRecord {
  readonly epoch: string;
  /** The last offset that was given. */
  readonly top: number;
  /** The last offset that was dropped. */
  readonly floor: number;
  /** When it was last published to, or asked for while nothing was. */
  readonly usedAt: number;
  /** The time of its entry under `d!`. */
  readonly due: number;
  readonly size: number;
  readonly ttl: number;
  readonly positionTtl: number;
}

export interface PublicationRecord {
  readonly at: number;
  readonly publication: Publication;
}

export interface KeyRecord {
  readonly at: number;
  readonly epoch: string;
  readonly offset: number;
}

const hex = (number: number, digits: number) => Math.max(0, Math.floor(number)).toString(16).padStart(digits, '0');

export const headKey = (channel: string) => `s!${JSON.stringify(channel)}`;
/** Epochs all have the same length. */
export const publicationKey = (epoch: string, offset: number) => `p!${epoch}${hex(offset, 14)}`;
export const offsetOf = (key: string) => Number.parseInt(key.slice(-14), 16);
export const idempotencyName = (channel: string, key: string) => JSON.stringify([channel, key]);
export const idempotencyKey = (name: string) => `k!${name}`;
export const dueKey = (time: number, channel: string) =>
  `d!${hex(Math.min(time, END_OF_TIME), 12)}${JSON.stringify(channel)}`;
export const forgettingKey = (time: number, name: string) => `t!${hex(time, 12)}${name}`;
/** What follows the time in a key under `d!` or `t!`. */
export const subjectOf = (key: string) => key.slice(14);
/** The channel of a key under `d!`. */
export function channelOf(key: string): string | undefined {
  const channel = parsed(subjectOf(key));
  return typeof channel === 'string' ? channel : undefined;
}
/** All keys of a kind up to a time. */
export const until = (kind: 'd' | 't', time: number) => ({ gte: `${kind}!`, lt: `${kind}!${hex(time + 1, 12)}` });

export function encodeHead({ epoch, top, floor, usedAt, due, size, ttl, positionTtl }: HeadRecord): string {
  return JSON.stringify([epoch, top, floor, usedAt, due, size, ttl, positionTtl]);
}

export function decodeHead(text: string): HeadRecord | undefined {
  const list = parsed(text);
  if (!Array.isArray(list)) return undefined;
  const [epoch, ...numbers]: unknown[] = list;
  if (typeof epoch !== 'string' || numbers.length !== 7 || !numbers.every(Number.isFinite)) return undefined;
  const [top = 0, floor = 0, usedAt = 0, due = 0, size = 0, ttl = 0, positionTtl = 0] = numbers.map(Number);
  return { epoch, top, floor, usedAt, due, size, ttl, positionTtl };
}

export function encodePublication(at: number, publication: Publication): string {
  return `${at}\n${encodeEvent({ type: 'publication', publication })}`;
}

export function decodePublication(text: string): PublicationRecord | undefined {
  const end = text.indexOf('\n');
  const at = Number(text.slice(0, end));
  const event = end === -1 || !Number.isFinite(at) ? undefined : decodeEvent(text.slice(end + 1));
  return event?.type === 'publication' ? { at, publication: event.publication } : undefined;
}

/** When a publication was stored, without reading the rest. */
export function timeOf(text: string): number | undefined {
  const at = Number(text.slice(0, text.indexOf('\n')));
  return Number.isFinite(at) ? at : undefined;
}

export function encodeKey({ at, epoch, offset }: KeyRecord): string {
  return JSON.stringify([at, epoch, offset]);
}

export function decodeKey(text: string): KeyRecord | undefined {
  const list = parsed(text);
  if (!Array.isArray(list)) return undefined;
  const [at, epoch, offset]: unknown[] = list;
  const isValid = typeof at === 'number' && typeof epoch === 'string' && typeof offset === 'number';
  return isValid ? { at, epoch, offset } : undefined;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
