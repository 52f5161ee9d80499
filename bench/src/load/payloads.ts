import { deflateRawSync } from 'node:zlib';
import type { Payload } from '../scenarios.ts';

// Payloads as clients would send them. JSON differs from message to message, so that compression with and without a
// context meets what it would meet in use; all of it is the same in every run.

const JSON_SIZE = 1024;
/** How many different messages of JSON there are. */
const JSON_MESSAGES = 64;

export function payloadsOf(message: Payload): Buffer[] {
  if (message.type === 'json') return Array.from({ length: JSON_MESSAGES }, (_, i) => event(random(i + 1)));
  if (message.type === 'text') return [Buffer.alloc(message.size, 'The tide comes in twice a day. ')];
  const draw = random(message.size);
  return [Buffer.from(Array.from({ length: message.size }, () => draw() * 256))];
}

/** RFC 7692, 7.2.1: without the last four bytes of an empty block. It refers to no other message. */
export function compressed(payload: Buffer): Buffer {
  return deflateRawSync(payload, { finishFlush: 2 }).subarray(0, -4);
}

const people = ['ada', 'grace', 'edsger', 'barbara', 'donald', 'radia', 'leslie', 'frances'];
const words = 'the tide comes in and goes out again while boats wait for water under a moon that pulls at both'.split(
  ' ',
);
const kinds = ['message', 'presence', 'reaction', 'edit'];

/** An event of a chat, as an application would publish it, of exactly 1 KiB. */
function event(draw: () => number): Buffer {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
  const id = () => Math.floor(draw() * 2 ** 48).toString(36);
  const value = {
    type: pick(kinds),
    id: id(),
    channel: `room:${id()}`,
    offset: Math.floor(draw() * 1e6),
    time: new Date(1.7e12 + draw() * 1e11).toISOString(),
    user: { id: id(), name: pick(people), admin: draw() < 0.1, score: Math.round(draw() * 1e4) / 100 },
    reactions: Array.from({ length: 5 }, () => ({ by: pick(people), emoji: pick(['+1', 'heart', 'wave']), id: id() })),
    seen: Array.from({ length: 8 }, () => ({ user: pick(people), offset: Math.floor(draw() * 1e6) })),
    text: '',
  };
  while (JSON.stringify(value).length < JSON_SIZE) value.text += `${pick(words)} `;
  value.text = value.text.slice(0, JSON_SIZE - JSON.stringify({ ...value, text: '' }).length);
  return Buffer.from(JSON.stringify(value));
}

/** Mulberry32, by Tommy Ettinger: numbers from 0 up to 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
