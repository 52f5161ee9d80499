import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { RawClient, serve } from './support/serving.ts';

const ids = (client: RawClient) => client.lines.map((line) => JSON.parse(line).id).filter((id) => id !== undefined);

describe('a session', () => {
  it.each([{ names: [] }, { names: ['centrifuge-json'] }, { names: ['centrifuge-protobuf', 'centrifuge-json'] }])(
    'begins for who names the subprotocols $names',
    async ({ names }) => {
      const { url } = await serve();
      const client = await RawClient.open(url, names);
      expect(client.socket.protocol).toBe(names.at(-1) ?? '');
      client.send({ id: 7, connect: {} });
      expect(await client.line(0)).toEqual({ id: 7, connect: { client: expect.any(String), ping: 25, pong: true } });
    },
  );

  it('takes commands behind the one that connects, in the same message', async () => {
    const { url } = await serve();
    const client = await RawClient.open(url);
    client.send(
      { id: 1, connect: {} },
      { id: 2, subscribe: { channel: 'chat:a' } },
      { id: 3, publish: { channel: 'chat:a', data: 1 } },
    );
    await client.find(({ push }) => push !== undefined);
    expect(ids(client).slice(0, 2)).toEqual([1, 2]);
    expect((await client.find(({ id }) => id === 2)).subscribe).toMatchObject({ recoverable: true });
  });

  it('takes a place of its address before anybody knows whose it is', async () => {
    const { url } = await serve({ hub: { limits: { connectionsPerAddress: 2 } } });
    const one = await RawClient.open(url);
    await RawClient.open(url);
    const third = await RawClient.open(url);
    expect(await third.closed()).toMatchObject({ code: 3504 });
    one.socket.close();
    await one.closed();
    await RawClient.connect(url);
  });

  it('answers before it says what the command has brought about', async () => {
    const { url, hub } = await serve();
    const client = await RawClient.connect(url);
    const busy = setInterval(() => void hub.publish('chat:a', 'x'), 0);
    client.send({ id: 2, subscribe: { channel: 'chat:a' } });
    await client.find(({ push }) => push !== undefined);
    clearInterval(busy);
    expect(Object.keys(await client.line(1))).toEqual(['id', 'subscribe']);
  });

  it('does commands about one channel in their order, and does not wait for one about nothing', async () => {
    const { url, hub } = await serve();
    let answer: (value: number) => void = () => {};
    hub.rpc('slow', () => new Promise<number>((resolve) => (answer = resolve)));
    const client = await RawClient.connect(url);
    client.send({ id: 2, subscribe: { channel: 'chat:a' } }, { id: 3, rpc: { method: 'slow' } });
    client.send({ id: 4, publish: { channel: 'chat:a', data: 1 } }, { id: 5, publish: { channel: 'chat:a', data: 2 } });
    client.send({ id: 6, unsubscribe: { channel: 'chat:a' } }, { id: 7, subscribe: { channel: 'chat:a' } });
    client.send({ id: 8, presence_stats: { channel: 'chat:a' } }, { id: 9, ping: {} });
    await client.find(({ id }) => id === 8);
    expect(ids(client).filter((id) => id !== 9)).toEqual([1, 2, 4, 5, 6, 7, 8]);
    answer(1);
    expect(await client.find(({ id }) => id === 3)).toEqual({ id: 3, rpc: { data: 1 } });
    expect(await client.find(({ id }) => id === 7)).toHaveProperty('subscribe');
  });

  it('carries payloads as they have come', async () => {
    const { url, hub } = await serve();
    hub.rpc('echo', (_visitor, data) => JSON.parse(data ?? 'null'));
    const [one, other] = [await RawClient.connect(url), await RawClient.connect(url)];
    other.send({ id: 2, subscribe: { channel: 'chat:a' } });
    await other.line(1);
    one.send('{"id":2,"publish":{"channel":"chat:a","data":{"n": 12345678901234567890,"__proto__":{"x":1.0}}}}');
    await other.until(() => other.lines.length > 2);
    expect(other.lines[2]).toContain('"data":{"n": 12345678901234567890,"__proto__":{"x":1.0}}');
  });

  it('says where something was published to who is subscribed to a prefix', async () => {
    const { url, hub } = await serve();
    const client = await RawClient.connect(url);
    client.send({ id: 2, subscribe: { channel: 'chat:*' } });
    await client.line(1);
    await hub.publish('chat:a', 1);
    expect(await client.line(2)).toMatchObject({ push: { channel: 'chat:*', pub: { channel: 'chat:a', data: 1 } } });
  });

  it('does not subscribe who wants all of what it has missed or nothing', async () => {
    const { url, hub } = await serve();
    const client = await RawClient.connect(url);
    const subscribe = { channel: 'chat:a', recover: true, epoch: 'other', offset: 3 };
    client.send({ id: 2, subscribe: { ...subscribe, flag: 2 } });
    expect(await client.line(1)).toEqual({ id: 2, error: { code: 112, message: 'unrecoverable position' } });
    client.send({ id: 3, subscribe });
    expect(await client.line(2)).toMatchObject({ id: 3, subscribe: { was_recovering: true } });
    expect((await hub.channels('chat:a')).get('chat:a')).toEqual({ subscribers: 1 });
  });
});

describe('a client that does not read for a while', () => {
  it('gets all that waited when it reads again, in order', async () => {
    const namespaces = { '': { subscribe: 'everyone', maxQueueSize: 64 * 1024 * 1024 } } as const;
    const { url, hub } = await serve({ hub: { namespaces, limits: { queueSize: 64 * 1024 * 1024 } } });
    const client = new WebSocket(url);
    await once(client, 'open');
    client.send('{"id":1,"connect":{}}\n{"id":2,"subscribe":{"channel":"a"}}');
    while ((await hub.channels('a')).size === 0) await new Promise((resolve) => setImmediate(resolve));
    client.pause();
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    for (const i of numbers) await hub.publish('a', [i, 'x'.repeat(100_000)]);
    const received: number[] = [];
    const all = new Promise<void>((resolve) => {
      client.on('message', (message) => {
        for (const line of String(message).split('\n')) {
          const [i] = JSON.parse(line).push?.pub.data ?? [];
          if (i !== undefined) received.push(i);
        }
        if (received.length === numbers.length) resolve();
      });
    });
    client.resume();
    await all;
    expect(received).toEqual(numbers);
    client.terminate();
  });
});

describe('a client that does what it should not', () => {
  it.each<[string, (object | string)[], number, string?]>([
    ['says nothing that can be read', ['{"id":2,'], 3501, 'bad request: a command must be a JSON object in a line'],
    ['says nothing', [''], 3501, 'bad request: an empty message'],
    ['asks for something unknown', [{ id: 2, dance: {} }], 3501],
    ['gives something of a wrong type', [{ id: 2, subscribe: { channel: 5 } }], 3501],
    ['connects twice', [{ id: 2, connect: {} }], 3501, 'bad request: the client is connected already'],
    ['sends too many commands at once', Array.from({ length: 1001 }, () => ({})), 3501],
    ['sends what is too long', [{ send: { data: 'x'.repeat(70_000) } }], 1009],
    ['nests too deep', [`{"send":{"data":${'['.repeat(200)}${']'.repeat(200)}}}`], 3501],
  ])('%s, is sent away, and nobody else notices', async (_name, messages, code, reason) => {
    const { url, hub } = await serve({ hub: { limits: { commandRate: 1100 } } });
    const [bad, good] = [await RawClient.connect(url), await RawClient.connect(url)];
    good.send({ id: 2, subscribe: { channel: 'chat:a' } });
    await good.line(1);
    await hub.publish('chat:a', 1);
    bad.send(...messages);
    expect(await bad.closed()).toMatchObject({ code, ...(reason !== undefined && { reason }) });
    await hub.publish('chat:a', 2);
    good.send({ id: 3, ping: {} });
    await good.find(({ id }) => id === 3);
    expect(good.lines.slice(2).map((line) => JSON.parse(line))).toMatchObject([
      { push: { pub: { data: 1, offset: 1 } } },
      { push: { pub: { data: 2, offset: 2 } } },
      { id: 3, ping: {} },
    ]);
    expect(hub.connectionCount).toBe(1);
  });

  it('sends bytes: it is sent away', async () => {
    const { url } = await serve();
    const client = await RawClient.connect(url);
    client.socket.send(Buffer.from('{}'));
    expect(await client.closed()).toEqual({ code: 3501, reason: 'bad request: a message must be text' });
  });

  it('asks before it has connected: it is sent away', async () => {
    const { url } = await serve();
    const client = await RawClient.open(url);
    client.send({ id: 1, subscribe: { channel: 'chat:a' } });
    expect(await client.closed()).toEqual({
      code: 3501,
      reason: 'bad request: a client must connect before anything else',
    });
  });

  it('says nothing at first: it is sent away in time', async () => {
    const { url } = await serve({ sessions: { connectTimeout: 100 } });
    const client = await RawClient.open(url);
    expect(await client.closed()).toEqual({ code: 3502, reason: 'stale' });
  });

  it('is refused, and stays: it is not listened to, and sent away in time', async () => {
    const { url } = await serve({ sessions: { connectTimeout: 100 }, hub: { limits: { maxConnections: 1 } } });
    await RawClient.connect(url);
    const client = await RawClient.open(url);
    client.send({ id: 1, connect: {} }, { id: 2, subscribe: { channel: 'chat:a' } });
    expect(await client.line(0)).toEqual({
      id: 1,
      error: { code: 111, message: 'too many requests', temporary: true },
    });
    client.send({ id: 3, ping: {} });
    expect(await client.closed()).toEqual({ code: 3502, reason: 'stale' });
    expect(client.lines).toHaveLength(1);
  });

  it('asks too often: it is told, and sent away if it goes on', async () => {
    const { url } = await serve({ hub: { limits: { commandRate: 10 } } });
    const client = await RawClient.connect(url);
    const ping = (i: number) => ({ id: i, ping: {} });
    client.send(...Array.from({ length: 25 }, (_, i) => ping(i + 2)));
    const refused = { error: { code: 111, message: 'too many requests', temporary: true } };
    expect(await client.find(({ error }) => error !== undefined)).toMatchObject(refused);
    client.send(...Array.from({ length: 50 }, (_, i) => ping(i + 100)));
    expect(await client.closed()).toEqual({ code: 3013, reason: 'too many requests' });
  });

  it('says too often that it is there: it is sent away', async () => {
    const { url } = await serve({ hub: { limits: { commandRate: 10 } } });
    const client = await RawClient.connect(url);
    client.send(...Array.from({ length: 100 }, () => '{}'));
    expect(await client.closed()).toMatchObject({ code: 3013 });
  });

  it('does not wait for answers: it is sent away when too many are owed to it', async () => {
    const { url, hub } = await serve({ sessions: { maxPendingCommands: 5 }, hub: { limits: { rpcTimeout: 60_000 } } });
    hub.rpc('never', () => new Promise<number>(() => {}));
    const client = await RawClient.connect(url);
    client.send(...Array.from({ length: 6 }, (_, i) => ({ id: i + 2, rpc: { method: 'never' } })));
    expect(await client.closed()).toMatchObject({ code: 3013 });
  });

  it('does not read: it is sent away when too much waits for it', async () => {
    const limits = { commandRate: 100_000 };
    const { url, hub } = await serve({ sessions: { maxBufferedAmount: 100_000 }, hub: { limits } });
    hub.rpc('much', () => 'x'.repeat(1_000_000));
    const client = new WebSocket(url);
    await once(client, 'open');
    client.send('{"id":1,"connect":{}}');
    await once(client, 'message');
    client.pause();
    // Less than a socket takes by itself.
    for (let i = 2; i < 16; i++) client.send(`{"id":${i},"rpc":{"method":"much"}}`);
    while (hub.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
    client.resume();
    const [code] = await once(client, 'close');
    expect(code).toBe(3008);
  });
});

describe('pings', () => {
  it('find out who is not there any more', async () => {
    const { url } = await serve({ sessions: { pingInterval: 1000, pongTimeout: 200 } });
    const client = await RawClient.connect(url);
    expect(await client.line(0)).toMatchObject({ connect: { ping: 1, pong: true } });
    expect(await client.line(1)).toEqual({});
    expect(await client.closed()).toEqual({ code: 3012, reason: 'no pong' });
  });

  it('are answered by an empty command, which is measured', async () => {
    const measured: [string, number][] = [];
    const observer = {
      pongReceived: (transport: string, duration: number) => void measured.push([transport, duration]),
    };
    const { url } = await serve({ sessions: { pingInterval: 1000, pongTimeout: 900, observer } });
    const client = await RawClient.connect(url);
    client.socket.addEventListener('message', ({ data }) => {
      if (data === '{}') client.send('{}');
    });
    await client.until(() => client.lines.length === 4);
    expect(client.close).toBeUndefined();
    expect(measured.length).toBeGreaterThanOrEqual(2);
    expect(measured[0]).toEqual(['websocket', expect.any(Number)]);
  });

  it('are not there where nobody wants them', async () => {
    const { url } = await serve({ sessions: { pingInterval: false } });
    const client = await RawClient.connect(url);
    expect(await client.line(0)).toEqual({ id: 1, connect: { client: expect.any(String) } });
    await once(client.socket as unknown as EventTarget, 'close', { signal: AbortSignal.timeout(10) }).catch(() => {});
    expect(client.close).toBeUndefined();
  });
});
