import { createServer } from 'node:net';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { Client, portOf, refusal, startGateway, tcpServer } from './support.ts';

const secret = 'a secret of at least thirty-two bytes';
const token = (claims: Record<string, unknown>, expires = '1h') =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setExpirationTime(expires).sign(Buffer.from(secret));

const quiet = () => tcpServer((socket) => void socket.resume().on('end', () => socket.end()));

/** Servers that say who they are. */
const named = (name: string) => tcpServer((socket) => void socket.resume().write(name));

describe('a path and a subprotocol', () => {
  test('choose among targets that share a path, by what the client would like best', async () => {
    const [mqtt, stomp] = await Promise.all([named('mqtt'), named('stomp')]);
    const { url } = await startGateway([
      { name: 'mqtt', host: '127.0.0.1', port: mqtt, path: '/ws' },
      { name: 'stomp', host: '127.0.0.1', port: stomp, path: '/ws' },
    ]);
    for (const [wanted, chosen, name] of [
      [['mqtt'], 'mqtt', 'mqtt'],
      [['v11.stomp', 'v12.stomp'], 'v12.stomp', 'stomp'],
      [['unknown', 'v10.stomp', 'mqtt'], 'v10.stomp', 'stomp'],
      [['mqttv3.1', 'v12.stomp'], 'mqttv3.1', 'mqtt'],
    ] as const) {
      const client = await Client.open(`${url}/ws`, [...wanted]);
      expect(client.socket.protocol).toBe(chosen);
      expect(await client.read(name)).toBe(name);
    }
  });

  test('that nobody speaks is 400, which names those that are spoken; a path of nobody is 404', async () => {
    const port = await quiet();
    const { url, told } = await startGateway([{ name: 'stomp', host: '127.0.0.1', port }]);
    const spoken = { status: 400, body: 'Ask for one of these subprotocols: v12.stomp, v11.stomp, v10.stomp.\n' };
    expect(await refusal(`${url}/stomp`, ['mqtt'])).toEqual(spoken);
    expect(await refusal(`${url}/stomp`)).toEqual(spoken);
    expect(await refusal(`${url}/stomp/more`, ['v12.stomp'])).toMatchObject({ status: 404 });
    expect(await refusal(`${url}/127.0.0.1:22`, ['binary'])).toMatchObject({ status: 404 });
    await told('refused undefined 400 NO_SUBPROTOCOL');
  });

  test('need not be asked for where bytes are all there is', async () => {
    const { url, told } = await startGateway([{ name: 'ssh', host: '127.0.0.1', port: await quiet() }]);
    expect((await Client.open(`${url}/ssh`)).socket.protocol).toBe('');
    await told('opened ssh ');
  });
});

describe('a server that cannot be reached is told before there is a WebSocket:', () => {
  test('502 where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const port = portOf(server);
    await new Promise((resolve) => server.close(resolve));
    const { url, events, gateway } = await startGateway([{ name: 'none', host: '127.0.0.1', port }]);
    expect(await refusal(`${url}/none`)).toEqual({ status: 502, body: expect.not.stringContaining('127.0.0.1') });
    expect(events).toEqual(['connected none CONNECT_FAILED', 'refused none 502 CONNECT_FAILED']);
    expect(gateway.connectionCount).toBe(0);
  });

  test('502 where there is no such host', async () => {
    const { url } = await startGateway([{ name: 'none', host: 'none.invalid', port: 1 }]);
    expect(await refusal(`${url}/none`)).toMatchObject({ status: 502 });
  });

  test('504 where nobody answers: a server that takes the connection, and says nothing to TLS', async () => {
    const { url } = await startGateway([
      { name: 'mute', host: '127.0.0.1', port: await quiet(), tls: true, connectTimeout: 200 },
    ]);
    expect(await refusal(`${url}/mute`)).toEqual({
      status: 504,
      body: 'The server behind the gateway does not answer.\n',
    });
  });

  test('502 where the server speaks no TLS', async () => {
    const port = await tcpServer((socket) => void socket.end('220 hello\r\n'));
    const { url, told } = await startGateway([{ name: 'plain', host: '127.0.0.1', port, tls: true }]);
    expect(await refusal(`${url}/plain`)).toMatchObject({ status: 502 });
    await told('refused plain 502 TLS_FAILED');
  });

  test('a client that goes away meanwhile has its connection given up', async () => {
    let ended = () => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    let began = () => {};
    const begin = new Promise<void>((resolve) => {
      began = resolve;
    });
    const port = await tcpServer((socket) => {
      began();
      socket.resume().on('end', () => ended());
    });
    const { url, gateway } = await startGateway([{ name: 'mute', host: '127.0.0.1', port, tls: true }]);
    const controller = new AbortController();
    const attempt = Client.open(`${url}/mute`, [], { signal: controller.signal });
    await begin;
    controller.abort();
    await expect(attempt).rejects.toThrow();
    await end;
    expect(gateway.connectionCount).toBe(0);
  });
});

describe('tokens and keys', () => {
  const key = 'a-key-of-some-length';
  const guarded = async () => {
    const port = await quiet();
    return startGateway(
      [
        { name: 'one', host: '127.0.0.1', port },
        { name: 'other', host: '127.0.0.1', port },
      ],
      { tokens: { secrets: [secret] }, keys: [{ name: 'robot', key, targets: ['one'] }] },
    );
  };

  test('let in who has one, in the header or in the query, to the targets that it names', async () => {
    const { url } = await guarded();
    const all = await token({ sub: 'ada' });
    const one = await token({ sub: 'ada', targets: ['one'] });
    const bearer = (text: string) => ({ headers: [['Authorization', `Bearer ${text}`] as const] });
    const basic = { headers: [['Authorization', `Basic ${Buffer.from(`x:${key}`).toString('base64')}`] as const] };
    await Client.open(`${url}/one?token=${all}`);
    await Client.open(`${url}/other`, [], bearer(all));
    await Client.open(`${url}/one`, [], bearer(one));
    await Client.open(`${url}/one?token=${key}`);
    await Client.open(`${url}/one`, [], basic);
    expect(await refusal(`${url}/other?token=${one}`)).toMatchObject({ status: 403 });
    expect(await refusal(`${url}/other?token=${key}`)).toMatchObject({ status: 403 });
  });

  test('that are missing, wrong, expired or for something else let in nobody, before the server hears of it', async () => {
    const { url, events } = await guarded();
    expect(await refusal(`${url}/one`)).toMatchObject({ status: 401 });
    expect(await refusal(`${url}/one?token=${key}x`)).toMatchObject({ status: 401 });
    expect(await refusal(`${url}/one?token=a.b.c`)).toMatchObject({ status: 401 });
    expect(await refusal(`${url}/one?token=${await token({}, '-1h')}`)).toEqual({
      status: 401,
      body: 'The token has expired.\n',
    });
    expect(await refusal(`${url}/one?token=${await token({ channel: 'news' })}`)).toMatchObject({ status: 403 });
    expect(await refusal(`${url}/one?token=${await token({ targets: 'one' })}`)).toMatchObject({ status: 401 });
    const forged = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from('x'.repeat(32)));
    expect(await refusal(`${url}/one?token=${await forged}`)).toMatchObject({ status: 401 });
    expect(events.filter((event) => event.startsWith('connected'))).toEqual([]);
  });
});

describe('limits', () => {
  test('of connections in all are 503, and of one address 429, and free when one has gone', async () => {
    const port = await quiet();
    const { url, told, gateway } = await startGateway([{ name: 'it', host: '127.0.0.1', port }], {
      maxConnections: 2,
      maxConnectionsPerAddress: 1,
      trustedProxies: ['127.0.0.1'],
    });
    const from = (address: string) => ({ headers: [['X-Forwarded-For', address] as const] });
    const first = await Client.open(`${url}/it`, [], from('192.0.2.1'));
    expect(await refusal(`${url}/it`, [], from('192.0.2.1'))).toMatchObject({ status: 429 });
    await Client.open(`${url}/it`, [], from('192.0.2.2'));
    expect(await refusal(`${url}/it`, [], from('192.0.2.3'))).toMatchObject({ status: 503 });
    first.socket.close();
    await told(/^closed it/);
    await Client.open(`${url}/it`, [], from('192.0.2.1'));
    expect(gateway.connections.size).toBe(2);
  });

  test('are not used up by attempts that come to nothing', async () => {
    const mute = { name: 'mute', host: '127.0.0.1', port: await quiet(), tls: true, connectTimeout: 100 };
    const { url } = await startGateway([mute, { name: 'it', host: '127.0.0.1', port: await quiet() }], {
      maxConnections: 1,
      keys: [{ name: 'app', key: 'a-key-of-some-length', targets: ['it', 'mute'] }],
    });
    const key = 'token=a-key-of-some-length';
    expect(await refusal(`${url}/it`)).toMatchObject({ status: 401 });
    expect(await refusal(`${url}/mute?${key}`)).toMatchObject({ status: 504 });
    const controller = new AbortController();
    const attempt = Client.open(`${url}/mute?${key}`, [], { signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await expect(attempt).rejects.toThrow();
    // Of who has left, the gateway may hear a moment later.
    await expect.poll(() => refusal(`${url}/mute?${key}`)).toMatchObject({ status: 504 });
    await Client.open(`${url}/it?${key}`);
  });

  test.each([
    ['10.0.0.1', 'nobody is trusted', [], '127.0.0.1'],
    ['192.0.2.7, 10.0.0.1', 'the last proxy and its network are trusted', ['127.0.0.1', '10.0.0.0/8'], '192.0.2.7'],
    ['1.2.3.4, 192.0.2.7', 'what stands further in front may be made up', ['127.0.0.1'], '192.0.2.7'],
    ['[2001:db8::1]:443', 'there is a port', ['127.0.0.0/8'], '2001:db8::1'],
    ['unknown, 10.0.0.1', 'one cannot be read', ['127.0.0.1', '10.0.0.1'], '10.0.0.1'],
  ])('count the address in X-Forwarded-For: %s, where %s', async (header, _what, trustedProxies, expected) => {
    const { url, gateway } = await startGateway([{ name: 'it', host: '127.0.0.1', port: await quiet() }], {
      trustedProxies,
    });
    await Client.open(`${url}/it`, [], { headers: [['X-Forwarded-For', header]] });
    expect([...gateway.connections].map(({ clientAddress }) => clientAddress)).toEqual([expected]);
  });
});

test('pages of other origins get 403, unless they are listed', async () => {
  const targets = [{ name: 'it', host: '127.0.0.1', port: await quiet() }];
  const { url, told } = await startGateway(targets, { origins: ['https://app.example'] });
  await Client.open(`${url}/it`, [], { origin: 'https://app.example' });
  await Client.open(`${url}/it`, [], { origin: url.replace('ws', 'http') });
  await Client.open(`${url}/it`);
  for (const origin of ['https://evil.example', 'null', 'https://app.example.evil.example']) {
    expect(await refusal(`${url}/it`, [], { origin })).toMatchObject({ status: 403 });
  }
  await told('refused it 403 FOREIGN_ORIGIN');
  const any = await startGateway(targets, { origins: 'any', requireOrigin: true });
  await Client.open(`${any.url}/it`, [], { origin: 'https://evil.example' });
  expect(await refusal(`${any.url}/it`)).toMatchObject({ status: 403 });
});

test('a drain refuses with 503, closes with 1001, and ends when the servers have', async () => {
  const { url, gateway, told, events } = await startGateway([{ name: 'it', host: '127.0.0.1', port: await quiet() }]);
  const client = await Client.open(`${url}/it`);
  const drained = gateway.drain({ reason: 'restart' });
  expect(await client.closed).toEqual({ code: 1001, reason: 'restart' });
  expect(await refusal(`${url}/it`)).toMatchObject({ status: 503 });
  await drained;
  expect(gateway.connections.size).toBe(0);
  await told('refused undefined 503 DRAINING');
  expect(events).toContainEqual(expect.stringMatching(/^closed it 1001/));
});
