import { createPermissions } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { RawClient, serve } from '../support/serving.ts';

async function open(options: Parameters<typeof serve>[0] = {}, query = '') {
  const serving = await serve(options);
  return { ...serving, client: await RawClient.open(`${serving.linesUrl}${query}`) };
}

describe('JSON lines', () => {
  it('begin with whatever the client wants first', async () => {
    const { client } = await open();
    client.send('{"subscribe":"chat:lobby","id":"a"}');
    expect(await client.line(0)).toEqual({ connected: expect.any(String) });
    expect(await client.line(1)).toEqual({ subscribed: 'chat:lobby', epoch: expect.any(String), offset: 0, id: 'a' });
  });

  it('begin with who the client is, if it says so', async () => {
    const { client } = await open();
    client.send('{"data":"ann"}');
    expect(await client.line(0)).toMatchObject({ error: 107 });
    client.send('{"token":"","data":"ann","id":1}');
    expect(await client.line(1)).toEqual({ connected: expect.any(String), user: 'ann', id: 1 });
  });

  it('say what happens, each in a message of its own', async () => {
    const { client, hub } = await open();
    client.send('{"token":"","data":"ann"}\n{"subscribe":"chat:lobby","joins":true}');
    client.send('{"publish":"chat:lobby","data":{"n":12345678901234567890}}');
    await client.find(({ published }) => published === 'chat:lobby');
    await client.until(() => client.lines.some((line) => line.includes('"publication"')));
    const line = client.lines.find((each) => each.includes('"publication"'));
    expect(line).toMatch(
      /^\{"publication":"chat:lobby","data":\{"n":12345678901234567890\},"offset":1,"client":".+","user":"ann"\}$/,
    );
    await hub.unsubscribe('ann', 'chat:lobby');
    expect(await client.find(({ unsubscribed }) => unsubscribed !== undefined)).toMatchObject({ code: 2000 });
    await hub.send('ann', 'hello');
    expect(await client.find(({ message }) => message !== undefined)).toEqual({ message: 'hello' });
  });

  it('tell who comes and goes, and who is there', async () => {
    const { client, linesUrl } = await open();
    client.send('{"token":"","data":"ann"}\n{"subscribe":"chat:lobby","joins":true}');
    const bob = await RawClient.open(linesUrl);
    bob.send('{"token":"","data":"bob"}\n{"subscribe":"chat:lobby"}');
    const isBobs = (line: Record<string, unknown>, name: string) => line[name] === 'chat:lobby' && line.user === 'bob';
    await client.find((line) => isBobs(line, 'join'));
    bob.send('{"presence":"chat:lobby"}', '{"presence_stats":"chat:lobby"}');
    const { clients } = await bob.find(({ presence }) => presence === 'chat:lobby');
    expect(clients).toContainEqual({ client: expect.any(String), user: 'ann' });
    expect(await bob.find((line) => 'presence_stats' in line)).toMatchObject({ clients: 2, users: 2 });
    bob.send('{"unsubscribe":"chat:lobby"}');
    await client.find((line) => isBobs(line, 'leave'));
  });

  it('give back what was missed', async () => {
    const { client, hub, linesUrl } = await open();
    client.send('{"subscribe":"chat:lobby"}');
    const { epoch } = await client.line(1);
    for (const i of [1, 2, 3]) await hub.publish('chat:lobby', i);
    const again = await RawClient.open(linesUrl);
    again.send({ subscribe: 'chat:lobby', since: { epoch, offset: 1 } });
    expect(await again.line(1)).toEqual({ subscribed: 'chat:lobby', epoch, offset: 1, recovered: true });
    expect([await again.line(2), await again.line(3)]).toEqual([
      { publication: 'chat:lobby', data: 2, offset: 2 },
      { publication: 'chat:lobby', data: 3, offset: 3 },
    ]);
    again.send({ unsubscribe: 'chat:lobby' }, { subscribe: 'chat:lobby', since: { epoch: 'other', offset: 1 } });
    expect(await again.line(4)).toEqual({ unsubscribed: 'chat:lobby' });
    expect(await again.line(5)).toEqual({ subscribed: 'chat:lobby', epoch, offset: 3, recovered: false });
  });

  it('tell of channels that a prefix stands for', async () => {
    const { client, hub } = await open();
    client.send('{"subscribe":"chat:*"}');
    await client.line(1);
    await hub.publish('chat:a', 1);
    expect(await client.line(2)).toMatchObject({ publication: 'chat:a', subscription: 'chat:*', data: 1 });
  });

  it('read history, call, send, and ask whether anybody is there', async () => {
    const { client, hub } = await open();
    for (let i = 1; i <= 12; i++) await hub.publish('chat:lobby', i);
    const sent = new Promise((resolve) => hub.onMessage((_visitor, data) => resolve(data)));
    hub.rpc('double', (_visitor, data) => 2 * JSON.parse(data ?? '0'));
    client.send('{"history":"chat:lobby"}');
    expect(await client.line(1)).toMatchObject({ history: 'chat:lobby', offset: 12, publications: { length: 10 } });
    client.send('{"history":"chat:lobby","limit":1,"reverse":true,"id":4}');
    expect(await client.line(2)).toMatchObject({ publications: [{ data: 12, offset: 12 }], id: 4 });
    client.send('{"rpc":"double","data":21}');
    expect(await client.line(3)).toEqual({ rpc: 'double', data: 42 });
    client.send('{"send":[1]}', '{"ping":true,"id":"p"}');
    expect(await client.line(4)).toEqual({ pong: true, id: 'p' });
    expect(await sent).toBe('[1]');
  });

  it.each([
    ['hello', /a line must be a JSON object such as/],
    ['{}', /a line must be a JSON object such as/],
    ['["subscribe"]', /a line must be a JSON object such as/],
    ['{"subscribe":5}', 'subscribe must be a string'],
    ['{"subscribe":"a","publish":"a","data":1}', 'a line must ask for one thing, not for subscribe and publish'],
    ['{"publish":"chat:a"}', 'data must be given: any JSON'],
    ['{"subscribe":"chat:a","since":7}', 'since must be an object'],
    ['{"subscribe":"chat:a","since":{"offset":7}}', 'since.epoch must be a string that is not empty'],
    ['{"history":"chat:a","limit":-1}', 'limit must be an integer from 0 to 2147483647'],
    ['{"id":{},"ping":1}', 'id must be a number or a string of at most 100 characters'],
  ])('say of %s what would be right, and go on', async (line, message) => {
    const { client } = await open();
    client.send('{"ping":true}');
    await client.line(1);
    client.send(line);
    expect(await client.line(2)).toEqual({
      error: 107,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
    client.send('{"ping":true}');
    expect(await client.line(3)).toEqual({ pong: true });
  });

  it('say what could not be done', async () => {
    const { client } = await open();
    client.send('{"subscribe":"nowhere:a","id":7}');
    expect(await client.line(1)).toEqual({ error: 102, message: 'unknown channel', subscribe: 'nowhere:a', id: 7 });
    client.send('{"rpc":"nothing"}');
    expect(await client.line(2)).toEqual({ error: 104, message: 'method not found', rpc: 'nothing' });
    client.send('{"token":"late"}');
    expect(await client.line(3)).toEqual({ error: 107, message: 'the client is connected already', token: true });
  });

  it('may come with empty lines between them, and none is lost', async () => {
    const { client } = await open({ sessions: { maxCommandsPerMessage: 3 } });
    client.send('\n\n\n{"ping":true,"id":1}\n\n\n{"ping":true,"id":2}\n\n{"ping":true,"id":3}\n');
    expect(await client.line(3)).toEqual({ pong: true, id: 3 });
    client.send(...['1', '2', '3', '4'].map((id) => `{"ping":true,"id":${id}}`));
    expect(await client.closed()).toEqual({ code: 3501, reason: 'bad request: more than 3 lines in a message' });
  });

  it('end for who never says anything that can be understood', async () => {
    const { client } = await open();
    client.send(...Array.from({ length: 10 }, () => 'hello'));
    expect(await client.closed()).toMatchObject({ code: 3501 });
    expect(client.lines).toHaveLength(9);
  });

  it('take a token from the URL, at once', async () => {
    const permissions = createPermissions({ hooks: { connect: ({ request }) => ({ user: request.token ?? '' }) } });
    const { client } = await open({ hub: { permissions } }, '?token=ann');
    expect(await client.line(0)).toEqual({ connected: expect.any(String), user: 'ann' });
  });

  it('end with the codes of all dialects', async () => {
    const { client, hub } = await open();
    client.send('{"token":"","data":"ann"}');
    await client.line(0);
    await hub.disconnect('ann', { disconnect: { code: 4500, reason: `${'é'.repeat(100)}` } });
    expect(await client.closed()).toEqual({ code: 4500, reason: 'é'.repeat(61) });
  });
});
