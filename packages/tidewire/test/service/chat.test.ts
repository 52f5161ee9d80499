import { connect as connectTo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from '@tidewire/client';
import { standingRooms } from '@tidewire/console/chat-messages';
import { Centrifuge, type PublicationContext, type Subscription } from 'centrifuge';
import { SignJWT } from 'jose';
import { type Service, type ServiceOptions, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

// The chat as its page uses it: a guest's token, and the channels of a room by the SDK.

async function start(options: ServiceOptions = {}): Promise<Service> {
  const service = await startService({ port: 0, ...options });
  onTestFinished(() => service.stop());
  return service;
}

interface GuestAnswer {
  readonly token: string;
  readonly user: string;
}

async function guest(service: Service, name: unknown, token?: unknown): Promise<GuestAnswer> {
  const response = await ask(service, JSON.stringify({ name, token }));
  expect(response.status).toBe(200);
  return response.json();
}

function ask(service: Service, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const json = { 'Content-Type': 'application/json' };
  return fetch(`${service.urls.pages}chat/guest`, { method: 'POST', body, headers: { ...json, ...headers } });
}

async function connect(service: Service, token: string): Promise<Centrifuge> {
  const client = new Centrifuge(service.urls.endpoints.hub ?? '', { token, websocket: WebSocket });
  onTestFinished(() => client.disconnect());
  client.connect();
  await client.ready(5000);
  return client;
}

async function enter(client: Centrifuge, channel: string, options = {}) {
  const subscription = client.newSubscription(channel, options);
  const came: PublicationContext[] = [];
  subscription.on('publication', (publication) => came.push(publication));
  subscription.subscribe();
  await subscription.ready(5000);
  return { subscription, came };
}

/** What a client of the chat may not do. */
const refused = (subscription: Subscription, data: unknown) =>
  subscription.publish(data).then(
    () => 'taken',
    ({ code, message }: { code: number; message: string }) => `${code} ${message}`,
  );

const PNG = Buffer.from('\x89PNG\r\n\x1a\n and what else there is', 'latin1').toString('base64');

describe('a guest of the chat', () => {
  test('is heard under the name that the service has taken, and when', async () => {
    const service = await start();
    const [ann, ben] = [await guest(service, '  Ann '), await guest(service, 'Ben')];
    const hers = await enter(await connect(service, ann.token), 'chat:lobby');
    const his = await enter(await connect(service, ben.token), 'chat:lobby');
    const before = Date.now();
    await hers.subscription.publish({ text: 'Hello <b>Ben</b> 🌊' });
    await expect.poll(() => his.came.length).toBe(1);
    const [heard] = his.came;
    expect(heard?.data).toEqual({ text: 'Hello <b>Ben</b> 🌊', at: expect.any(Number) });
    expect(heard?.data.at).toBeGreaterThanOrEqual(before);
    expect(heard?.info).toMatchObject({ user: ann.user, connInfo: { name: 'Ann' } });
    const { clients } = await his.subscription.presence();
    expect(Object.values(clients).map(({ user }) => user)).toEqual(expect.arrayContaining([ann.user, ben.user]));
    const { publications } = await his.subscription.history({ limit: 10 });
    expect(publications.map(({ data }) => data.text)).toEqual(['Hello <b>Ben</b> 🌊']);
  });

  test('stays the same guest under another name, as long as it has its token', async () => {
    const service = await start();
    const ann = await guest(service, 'Ann');
    expect((await guest(service, 'Anna', ann.token)).user).toBe(ann.user);
    const forged = `${ann.token.slice(0, -4)}AAAA`;
    expect((await guest(service, 'Anna', forged)).user).not.toBe(ann.user);
    expect((await guest(service, 'Anna')).user).not.toBe(ann.user);
  });

  test('gets another token when the service has forgotten its key, and comes in with that', async () => {
    const before = await start();
    const { token } = await guest(before, 'Ann');
    const after = await start();
    let asked = 0;
    const client = new Centrifuge(after.urls.endpoints.hub ?? '', {
      token,
      getToken: async () => {
        asked++;
        return (await guest(after, 'Ann', token)).token;
      },
      websocket: WebSocket,
    });
    onTestFinished(() => client.disconnect());
    client.connect();
    await client.ready(10_000);
    expect(asked).toBe(1);
  });

  test('is known on all nodes that have the same secret', async () => {
    const permissions = { tokens: { secrets: ['a secret for this test, of 32 bytes or more'] } };
    const [one, other] = [await start({ hub: { permissions } }), await start({ hub: { permissions } })];
    const { token, user } = await guest(one, 'Ann');
    await connect(other, token);
    expect((await guest(other, 'Ann', token)).user).toBe(user);
  });

  test('is no user of the application, nor is a user of that a guest', async () => {
    const secret = 'a secret for this test, of 32 bytes or more';
    const namespaces = { team: { subscribe: 'users' }, open: { subscribe: 'everyone' } } as const;
    const service = await start({ hub: { namespaces, permissions: { tokens: { secrets: [secret] } } } });
    const client = await connect(service, (await guest(service, 'Eve')).token);
    await enter(client, 'open:to-all');
    await expect(enter(client, 'team:red')).rejects.toMatchObject({ code: expect.any(Number) });
    const sign = (claims: { [claim: string]: unknown }) =>
      new SignJWT({ sub: '42', ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret));
    const user = await connect(service, await sign({}));
    await enter(user, 'team:red');
    await expect(enter(user, 'chat:lobby')).rejects.toMatchObject({ code: expect.any(Number) });
    // Whoever knows the application's secret cannot make guests with it.
    const made = new Centrifuge(service.urls.endpoints.hub ?? '', {
      token: await sign({ iss: 'tidewire-chat' }),
      websocket: WebSocket,
    });
    onTestFinished(() => made.disconnect());
    made.connect();
    await expect(made.ready(2000)).rejects.toMatchObject({ code: expect.any(Number) });
  });
});

describe('what a guest publishes', () => {
  let shared: Service;
  beforeAll(async () => {
    shared = await startService({ port: 0, rate: 1000 });
  });
  afterAll(() => shared?.stop());

  test.each<[string, unknown, string]>([
    ['chat:lobby', 'hi', '1000 A message must be an object'],
    ['chat:lobby', { text: '' }, '1000 text must be text of 1 to 4000 characters'],
    ['chat:lobby', { text: ' \n' }, '1000 text must not be blank'],
    ['chat:lobby', { text: 'x'.repeat(4001) }, '1000 text must be text of 1 to 4000 characters'],
    ['chat:lobby', { text: 'hi', name: 'Ann' }, '1000 A message has no "name"'],
    ['chat:lobby', { text: 'hi', at: 1 }, '1000 A message has no "at"'],
    ['photo:lobby', { name: 'a.svg', mime: 'image/svg+xml', data: PNG }, '1000 mime must be one of '],
    [
      'photo:lobby',
      { name: 'a.gif', mime: 'image/gif', data: PNG },
      '1000 data must be an image of the type image/gif',
    ],
    ['photo:lobby', { name: 'a\n.png', mime: 'image/png', data: PNG }, '1000 name must have no control characters'],
    ['photo:lobby', { name: 'a.png', mime: 'image/png', data: '<!!>' }, '1000 data must be base64'],
    ['typing:lobby', { isTyping: 'yes' }, '1000 isTyping must be true or false'],
    ['typing:lobby', { isTyping: true, by: 'Ann' }, '1000 A message has no "by"'],
  ])('in %s is refused if it is %j', async (channel, data, answer) => {
    const { subscription } = await enter(await connect(shared, (await guest(shared, 'Eve')).token), channel);
    expect(await refused(subscription, data)).toContain(answer);
  });

  test('is taken when it is what it should be, photos and typing, too', async () => {
    const service = await start();
    const client = await connect(service, (await guest(service, 'Ann')).token);
    const photos = await enter(client, 'photo:lobby');
    const typing = await enter(client, 'typing:lobby');
    await photos.subscription.publish({ name: 'a.png', mime: 'image/png', data: PNG });
    await typing.subscription.publish({ isTyping: true });
    await expect.poll(() => [photos.came.length, typing.came.length]).toEqual([1, 1]);
    expect(photos.came[0]?.data).toMatchObject({ name: 'a.png', mime: 'image/png', data: PNG });
    await expect(typing.subscription.history({ limit: 1 })).rejects.toMatchObject({ code: 108 });
  });

  test('must be small enough, and not come too fast', async () => {
    const service = await start({ maxImage: 30_000, rate: 5 });
    const client = await connect(service, (await guest(service, 'Eve')).token);
    const image = (size: number) => {
      const file = Buffer.alloc(size, PNG, 'base64');
      return { name: 'a.png', mime: 'image/png', data: file.toString('base64') };
    };
    const { subscription: photos } = await enter(client, 'photo:lobby');
    expect(await refused(photos, image(30_000))).toBe('taken');
    expect(await refused(photos, image(40_000))).toMatch(/^10[67] /);
    const { subscription } = await enter(client, 'chat:lobby');
    const answers = await Promise.all(Array.from({ length: 20 }, () => refused(subscription, { text: 'Buy!' })));
    expect(answers).toContain('taken');
    expect(answers.at(-1)).toMatch('111 ');
  });

  test('is of no use in a room that one is not in', async () => {
    const service = await start();
    const client = await connect(service, (await guest(service, 'Eve')).token);
    await expect(client.publish('chat:lobby', { text: 'hi' })).rejects.toMatchObject({ code: 103 });
    await expect(client.history('chat:lobby', { limit: 1 })).rejects.toMatchObject({ code: 103 });
    await expect(enter(client, 'chat:*')).rejects.toMatchObject({ code: expect.any(Number) });
  });
});

describe('the rooms', () => {
  test('can be opened up to a limit, and those that are always there beside it', async () => {
    const service = await start({ maxRooms: 2 });
    const client = await connect(service, (await guest(service, 'Ann')).token);
    for (const room of ['one', 'größer-2', ...standingRooms]) {
      for (const namespace of ['chat', 'photo', 'typing']) await enter(client, `${namespace}:${room}`);
    }
    const refusal = new Promise((resolve) => {
      const subscription = client.newSubscription('chat:three');
      subscription.on('unsubscribed', resolve);
      subscription.subscribe();
    });
    expect(await refusal).toMatchObject({ code: 1002, reason: '2 rooms are open, and there can be no more' });
  });

  test.each(['UPPER', 'a b', '-x', 'x'.repeat(33), ''])('cannot be called "%s"', async (room) => {
    const service = await start();
    const client = await connect(service, (await guest(service, 'Ann')).token);
    await expect(enter(client, `chat:${room}`)).rejects.toMatchObject({ code: expect.any(Number) });
  });
});

describe('POST /chat/guest', () => {
  test('is for pages of the service, with a name, and little else', async () => {
    const service = await start();
    const good = '{"name":"Ann"}';
    const statuses = [
      await ask(service, good),
      await ask(service, '{"name":""}'),
      await ask(service, `{"name":"${'x'.repeat(33)}"}`),
      await ask(service, '{"name":"a\\u202eb"}'),
      await ask(service, '{"name":1}'),
      await ask(service, 'no JSON'),
      await ask(service, '{"name":"Ann","token":1}'),
      await ask(service, good, { 'Content-Type': 'text/plain' }),
      await ask(service, good, { Origin: 'https://evil.example' }),
      await ask(service, good, { 'Sec-Fetch-Site': 'cross-site' }),
      await ask(service, JSON.stringify({ name: 'x'.repeat(20_000) })),
      await fetch(`${service.urls.pages}chat/guest`),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 400, 400, 400, 400, 400, 400, 415, 403, 403, 413, 405]);
  });

  test('cuts off who does not end', async () => {
    const { port } = await start();
    const socket = connectTo(port, '127.0.0.1');
    const head = ['POST /chat/guest HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Content-Type: application/json'];
    socket.write([...head, 'Transfer-Encoding: chunked', '', ''].join('\r\n'));
    // What it writes after the end is refused.
    socket.on('error', () => {});
    const pouring = setInterval(() => socket.write(`3e8\r\n${'x'.repeat(1000)}\r\n`), 1);
    await new Promise((resolve) => socket.on('close', resolve));
    clearInterval(pouring);
  });

  test('does not make guests faster than people come, and goes on after that', async () => {
    const service = await start();
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(service, '{"name":"Eve"}')));
    const refusal = answers.find(({ status }) => status === 429);
    expect(refusal?.headers.get('Retry-After')).toBe('1');
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThan(30);
    await delay(1000);
    expect((await ask(service, '{"name":"Ann"}')).status).toBe(200);
  });

  test('says so where an operator has other plans for a namespace of the chat, and lets no guest in', async () => {
    const other = await start();
    const service = await start({ hub: { namespaces: { chat: { subscribe: 'users' } } } });
    expect(await (await ask(service, '{"name":"Ann"}')).json()).toEqual({
      error: 'There is no chat here: its channels are used for something else.',
    });
    const client = new Centrifuge(service.urls.endpoints.hub ?? '', {
      token: (await guest(other, 'Ann')).token,
      websocket: WebSocket,
    });
    onTestFinished(() => client.disconnect());
    client.connect();
    await expect(client.ready(2000)).rejects.toMatchObject({ code: expect.any(Number) });
  });

  test('is not there without the playground', async () => {
    const service = await start({ playground: false });
    const response = await fetch(`http://127.0.0.1:${service.port}/chat/guest`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(405);
  });
});
