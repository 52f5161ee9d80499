import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { carriers } from './carriers.ts';
import type { Client } from './support/clients.ts';
import { connectTo, type Serving } from './support/connected.ts';
import type { ServerEnd } from './support/server-end.ts';

const KiB = 1024;
const SIZE = 64 * KiB;
/** More than any carrier holds, in messages. */
const ENOUGH = 1000;
/** More than the limit that is set here, in messages. */
const TOO_MANY = 8;

/** A message of SIZE bytes that says which one it is. */
const numbered = (i: number) => `${i} `.padEnd(SIZE, '.');
const numberOf = (message: string | Uint8Array) => Number.parseInt(String(message), 10);
const counted = (count: number) => Array.from({ length: count }, (_, i) => i);

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What passes the time: a connection of its own, on which Pings go both ways, and no event tells that a client has asked. */
async function pastime({ place, accepted }: Serving, pollInterval: number): Promise<() => Promise<void>> {
  const client = await place.connect();
  const end = await accepted();
  return async () => {
    client.ping('there');
    await client.pongs.next();
    end.socket.ping('and back');
    await end.pongs.next();
    if (pollInterval > 0) await setTimeout(pollInterval);
  };
}

/** Whether an amount stays the same for the time that even a client that polls needs to take what it takes. */
async function stays(amount: () => number, passTime: () => Promise<void>): Promise<boolean> {
  const before = amount();
  for (let i = 0; i < 4; i++) await passTime();
  return amount() === before;
}

/**
 * Sends numbered messages until they are refused, and go on to be, however much time passes. Returns how many were not, and
 * what became of the last of them.
 */
async function fill({ socket }: ServerEnd, passTime: () => Promise<void>): Promise<{ taken: number; last: string }> {
  let last = '';
  for (let taken = 0; taken < ENOUGH; ) {
    const result = socket.send(numbered(taken));
    if (result !== 'refused') {
      last = result;
      taken++;
      await turn();
      continue;
    }
    if (await stays(() => socket.bufferedAmount, passTime)) return { taken, last };
  }
  throw new Error('Nothing was refused for long');
}

/** Sends numbered messages until so many bytes wait and go on to wait. Returns how many. */
async function fillFrom(client: Client, bytes: number, passTime: () => Promise<void>): Promise<number> {
  for (let sent = 0; ; ) {
    while (client.bufferedAmount < bytes) {
      if (sent === ENOUGH) throw new Error('Nothing waits');
      client.send(numbered(sent++));
      await turn();
    }
    if (await stays(() => client.bufferedAmount, passTime)) return sent;
  }
}

describe.each(carriers)('backpressure over $name', (carrier) => {
  const limits = { maxBufferedAmount: 256 * KiB };

  it('of a client that does not read has the server told, message for message, and nothing is lost', async () => {
    const { reader, server, ...serving } = await connectTo.reading(carrier, { limits });
    const { taken, last } = await fill(server, await pastime(serving, carrier.pollInterval));
    expect(last).toBe('buffered');
    expect(server.socket.bufferedAmount).toBeGreaterThan(limits.maxBufferedAmount);
    expect(server.socket.bufferedAmount).toBeLessThan(limits.maxBufferedAmount + 2 * SIZE);
    expect(taken * SIZE).toBeLessThan(carrier.mostHeld + limits.maxBufferedAmount + 2 * SIZE);
    const drained = server.drains.all.length;
    const read: number[] = [];
    while (read.length < taken) read.push(numberOf(await reader.read()));
    expect(read).toEqual(counted(taken));
    expect(await server.drains.until(drained + 1)).toEqual(new Array(drained + 1).fill(0));
    expect(server.socket.send('after it')).toBe('written');
    expect(await reader.read()).toBe('after it');
    expect(server.drains.all.length).toBe(drained + 1);
  });

  it('of a client that does not read leaves the others alone', async () => {
    const { server, place, accepted, ...serving } = await connectTo.reading(carrier, { limits });
    await fill(server, await pastime({ place, accepted, ...serving }, carrier.pollInterval));
    const client = await place.connect();
    const end = await accepted();
    client.send('hello');
    expect(await end.messages.next()).toBe('hello');
    expect(end.socket.send('hello')).toBe('written');
    expect(await client.messages.next()).toBe('hello');
    expect(server.socket.send('hello')).toBe('refused');
  });

  it('of a client that does not read closes it as a subscriber', async () => {
    const { reader, server, endpoint } = await connectTo.reading(carrier, { limits });
    server.socket.subscribe('news');
    let refused = 0;
    let published = 0;
    while (refused === 0 && published < ENOUGH) {
      refused += endpoint.publish('news', numbered(published++)).refused;
      await turn();
    }
    expect(refused).toBe(1);
    expect(endpoint.subscriberCount('news')).toBe(0);
    const read: number[] = [];
    while (read.length < published - 1) read.push(numberOf(await reader.read()));
    expect(read).toEqual(counted(published - 1));
    expect(await reader.finish()).toMatchObject({ code: 1008 });
    expect(await server.closed).toMatchObject({ code: 1008, failure: 'OUTPUT_LIMIT' });
  });

  it('of a server that is paused makes the client wait, in bounded memory, until it reads again', async () => {
    const { client, server, ...serving } = await connectTo(carrier);
    const passTime = await pastime(serving, carrier.pollInterval);
    server.socket.pause();
    const sent = await fillFrom(client, 1024 * KiB, passTime);
    expect(server.messages.all).toEqual([]);
    expect(sent * SIZE - client.bufferedAmount).toBeLessThan(carrier.mostHeld);
    server.socket.resume();
    expect((await server.messages.until(sent)).map(numberOf)).toEqual(counted(sent));
    while (client.bufferedAmount > 0) await turn();
  });

  it('of a server that is paused fails the client that goes on beyond its limit', async () => {
    const { client, server, ...serving } = await connectTo(carrier, { limits });
    const passTime = await pastime(serving, carrier.pollInterval);
    server.socket.pause();
    const sent = await fillFrom(client, limits.maxBufferedAmount, passTime);
    for (let i = 0; i < TOO_MANY; i++) client.send(numbered(sent + i));
    server.socket.resume();
    expect(await server.closed).toMatchObject({ code: 1008 });
    expect(await client.closed).toMatchObject({ code: 1006, failure: 'OUTPUT_LIMIT' });
    // All that was taken before arrives.
    const { all } = server.messages;
    expect(all.map(numberOf)).toEqual(counted(all.length));
    expect(all.length).toBeGreaterThanOrEqual(sent);
    expect(all.length).toBeLessThan(sent + TOO_MANY);
  });
});
