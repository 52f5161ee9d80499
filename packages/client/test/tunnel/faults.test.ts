import type { Transport, WebSocket } from '@tidewire/client';
import type { Socket } from '@tidewire/server';
import { describe, expect, it } from 'vitest';
import { type Meddling, middlebox, randomFrom } from '../support/middlebox.ts';
import { closeOf, open } from '../support/sockets.ts';
import { serve } from '../support/tunnels.ts';

// 10,000 messages each way, over every way of a tunnel, through a proxy that cuts upgrades and spoils what else it can. The
// seed is in the name of each test; SEED=… runs with another one.

const MESSAGES = 10_000;
const seeds = process.env.SEED === undefined ? [1] : [Number(process.env.SEED)];

const faults: Meddling = { drop: 0.04, lose: 0.04, duplicate: 0.1, truncate: 0.05, delay: 10 };
const all = ['websocket', 'stream', 'poll'] as const;
const ways: readonly { name: string; transports: readonly Transport[]; meddling: Meddling; ends: Transport }[] = [
  { name: 'by a stream', transports: ['websocket', 'stream'], meddling: faults, ends: 'stream' },
  { name: 'that buffers answers', transports: all, meddling: { ...faults, buffers: true }, ends: 'poll' },
  { name: 'by long polling', transports: ['websocket', 'poll'], meddling: faults, ends: 'poll' },
  { name: 'by interval polling', transports: ['websocket', 'interval'], meddling: faults, ends: 'interval' },
];
const cases = ways.flatMap((way) => seeds.map((seed) => ({ ...way, seed })));

/** The message of a number: many are small, some are larger than the body of a request. */
const messageOf = (n: number) => `${n} ${'x'.repeat(n % 1000 === 0 ? 9000 : (n * 7) % 50)}`;

/** Sends all messages in bursts of any size. */
function sendAll(socket: WebSocket | Socket, random: () => number): void {
  let next = 0;
  const burst = () => {
    for (let size = Math.ceil(random() ** 2 * 200); size > 0 && next < MESSAGES; size--) socket.send(messageOf(next++));
    if (next < MESSAGES) setTimeout(burst, random() * 10);
  };
  burst();
}

/** The first message that is not the one that was due, if any. */
function firstWrong(messages: readonly unknown[]): unknown {
  const at = messages.findIndex((message, n) => message !== messageOf(n));
  return at === -1 ? undefined : { at, message: messages[at] };
}

describe('10,000 messages each way, through a proxy', () => {
  it.each(cases)('$name: none lost, none twice, in order (seed $seed)', { timeout: 60_000 }, async (way) => {
    const { transports, meddling, ends, seed } = way;
    const random = randomFrom(seed);
    const [fromClient, fromServer]: [unknown[], unknown[]] = [[], []];
    let finish: () => void = () => {};
    const complete = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const took = (messages: unknown[], message: unknown) => {
      messages.push(message);
      if (fromClient.length >= MESSAGES && fromServer.length >= MESSAGES) finish();
    };
    const { url } = await serve({
      tunnel: { maxBodySize: 4096, window: 16_384, streamTime: 1000, heartbeatInterval: 1000, pollInterval: 100 },
      open: (socket) => sendAll(socket, random),
      message: (_, message) => took(fromClient, message),
    });
    const box = await middlebox(url, { ...meddling, random });
    const socket = await open(box.url, { transports });
    socket.addEventListener('message', ({ data }) => took(fromServer, data));
    socket.addEventListener('close', finish);
    sendAll(socket, random);
    await complete;
    expect([fromClient.length, fromServer.length, socket.failure]).toEqual([MESSAGES, MESSAGES, undefined]);
    expect([firstWrong(fromClient), firstWrong(fromServer)]).toEqual([undefined, undefined]);
    expect(socket.transport).toBe(ends);
    for (const what of ['upgrade', 'drop', 'lose', 'duplicate', 'truncate'] as const) {
      expect([what, box.done.get(what)]).toEqual([what, expect.any(Number)]);
    }
    const closed = closeOf(socket);
    socket.close(4000);
    expect((await closed).code).toBe(4000);
  });
});
