import { describe, expect, it } from 'vitest';
import { carriers } from './carriers.ts';
import { connectTo } from './support/connected.ts';
import type { End } from './support/server-end.ts';

const clean = (code: number, reason = ''): End => ({ code, reason, wasClean: true, failure: undefined });

const codes: readonly { code?: number; reason?: string; seen: number }[] = [
  { code: 1000, seen: 1000 },
  { code: 1000, reason: 'done', seen: 1000 },
  { code: 3000, reason: 'ü'.repeat(61), seen: 3000 },
  { code: 4999, reason: 'x'.repeat(123), seen: 4999 },
  { seen: 1005 },
];

const numbered = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name} ${i}`);

describe.each(carriers)('a close over $name', (carrier) => {
  it.each(codes)('by the client with code $seen, reason $reason, is what the server sees', async (given) => {
    const { client, server, endpoint } = await connectTo(carrier);
    client.close(given.code, given.reason);
    expect(await server.closed).toEqual(clean(given.seen, given.reason));
    // The answer repeats the code alone.
    expect(await client.closed).toEqual(clean(given.seen));
    expect([server.events, client.events]).toEqual(new Array(2).fill(['open', 'close']));
    expect(endpoint.connectionCount).toBe(0);
  });

  it.each(codes)('by the server with code $seen, reason $reason, is what the client sees', async (given) => {
    const { client, server, endpoint } = await connectTo(carrier);
    server.socket.close(given.code, given.reason);
    expect(await client.closed).toEqual(clean(given.seen, given.reason));
    expect(await server.closed).toMatchObject({ code: given.seen, wasClean: true, failure: undefined });
    expect([server.events, client.events]).toEqual(new Array(2).fill(['open', 'close']));
    expect(endpoint.connectionCount).toBe(0);
  });

  it('by both at once is clean, and each sees what the other said', async () => {
    const { client, server } = await connectTo(carrier);
    server.socket.close(3000, 'the server');
    client.close(4000, 'the client');
    expect(await server.closed).toEqual(clean(4000, 'the client'));
    expect(await client.closed).toEqual(clean(3000, 'the server'));
  });

  it('by the client comes after all that it has sent', async () => {
    const { client, server } = await connectTo(carrier);
    const sent = [...numbered(1000, 'small'), 'x'.repeat(2_000_000), 'last'];
    for (const message of sent) client.send(message);
    client.close(1000);
    expect(await server.closed).toEqual(clean(1000));
    expect(server.messages.all).toEqual(sent);
    expect(await client.closed).toEqual(clean(1000));
  });

  it('by the server comes after all that it has sent', async () => {
    const { client, server } = await connectTo(carrier);
    const sent = [...numbered(1000, 'small'), 'x'.repeat(2_000_000), 'last'];
    for (const message of sent) server.socket.send(message);
    server.socket.close(1000);
    expect(server.socket.send('too late')).toBe('closed');
    expect(await client.closed).toEqual(clean(1000));
    expect(client.messages.all).toEqual(sent);
    expect(await server.closed).toEqual(clean(1000));
  });

  it('by both behind messages that pass each other takes none of them away', async () => {
    const { client, server } = await connectTo(carrier);
    const sent = [...numbered(100, 'one'), 'y'.repeat(500_000)];
    for (const message of sent) {
      client.send(message);
      server.socket.send(message);
    }
    server.socket.close(4001, 'all said');
    expect(await client.closed).toEqual(clean(4001, 'all said'));
    expect(client.messages.all).toEqual(sent);
    expect(await server.closed).toMatchObject({ code: 4001, wasClean: true });
    expect(server.messages.all).toEqual(sent.slice(0, server.messages.all.length));
  });
});
