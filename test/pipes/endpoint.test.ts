import { describe, expect, it } from 'vitest';
import { carriers, POLL_INTERVAL } from './carriers.ts';
import { connectTo } from './support/connected.ts';
import { RecordingEndpoint } from './support/server-end.ts';

/** An endpoint that all carriers lead to at once, and a client over each. */
async function everywhere() {
  const recording = new RecordingEndpoint({ tunnel: { pollInterval: POLL_INTERVAL } });
  const pairs = [];
  for (const carrier of carriers) {
    const place = await carrier.serve(recording);
    const client = await place.connect();
    pairs.push({ name: carrier.name, client, server: await recording.ends.next() });
  }
  return { endpoint: recording.endpoint, pairs };
}

describe('an endpoint that all carriers lead to', () => {
  it('publishes to all of them in one order, and between what each is sent alone', async () => {
    const { endpoint, pairs } = await everywhere();
    for (const { server } of pairs) server.socket.subscribe('news');
    const expected: string[] = [];
    for (let i = 0; i < 300; i++) {
      expect(endpoint.publish('news', `news ${i}`)).toEqual({ delivered: pairs.length, refused: 0 });
      expected.push(`news ${i}`);
      if (i % 7 === 0) {
        for (const { server } of pairs) server.socket.send(`for you ${i}`);
        expected.push(`for you ${i}`);
      }
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const { client } of pairs) expect(await client.messages.until(expected.length)).toEqual(expected);
  });

  it('passes on what one of them says to all others', async () => {
    const { endpoint, pairs } = await everywhere();
    for (const { server } of pairs) server.socket.subscribe('room');
    for (const [i, { name, client, server }] of pairs.entries()) {
      client.send(name);
      const message = await server.messages.next();
      endpoint.publish('room', message, { except: server.socket });
      const others = pairs.filter((pair) => pair.server !== server);
      for (const other of others) expect(await other.client.messages.next()).toBe(name);
      expect(client.messages.all.length).toBe(i);
    }
  });

  it('drains all of them with 1001', async () => {
    const { endpoint, pairs } = await everywhere();
    for (const { server } of pairs) server.socket.send('last');
    await endpoint.drain({ reason: 'restart' });
    for (const { client, server } of pairs) {
      expect(await client.closed).toMatchObject({ code: 1001, reason: 'restart', wasClean: true });
      expect(await server.closed).toMatchObject({ code: 1001, wasClean: true });
      expect(client.messages.all).toEqual(['last']);
    }
    expect(endpoint.connectionCount).toBe(0);
  });
});

describe.each(carriers)('an endpoint over $name', (carrier) => {
  it('that drains refuses who comes now, and lets who is there finish', async () => {
    const { client, server, endpoint, place } = await connectTo(carrier);
    server.socket.pause();
    client.send('still under way');
    const drained = endpoint.drain();
    await expect(place.connect()).rejects.toThrow();
    server.socket.resume();
    await drained;
    expect(await client.closed).toMatchObject({ code: 1001, wasClean: true });
    expect(await server.closed).toMatchObject({ code: 1001, wasClean: true });
    expect(server.messages.all).toEqual(['still under way']);
  });
});
