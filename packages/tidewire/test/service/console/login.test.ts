import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { cookieOf, KEY, serve } from './support.ts';

const HOURS = 60 * 60 * 1000;

describe('POST /console/session', () => {
  test('with a key begins a session in a cookie that no script can read', async () => {
    const { logIn, about, port } = await serve({ api: { keys: [{ name: 'reader', key: KEY, operations: ['info'] }] } });
    expect(await about()).toMatchObject({ canLogIn: true, version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect((await about()).session).toBeUndefined();
    const answer = await logIn();
    expect(answer.status).toBe(200);
    const session = JSON.parse(answer.body);
    expect(session).toMatchObject({ name: 'reader', operations: ['info'] });
    expect(Math.abs(session.until - Date.now() - 12 * HOURS)).toBeLessThan(10_000);
    const [cookie] = answer.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(
      new RegExp(`^tidewire-session-${port}=[\\w.-]+; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict$`),
    );
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(await about({ cookie: cookieOf(answer) })).toMatchObject({ session });
  });

  test('is refused with a key that is wrong, and says nothing of the right ones', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line) => lines.push(line) });
    const { logIn } = await serve({ log });
    for (const key of ['wrong-but-long-enough', `${KEY}x`, KEY.slice(1)]) {
      const answer = await logIn(key);
      expect(answer).toMatchObject({ status: 401, body: '{"error":"This is not a key of this service."}\n' });
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    for (const key of ['', 1, null, [KEY]]) expect((await logIn(key)).status).toBe(400);
    await logIn();
    const said = lines.filter((line) => line.includes('log'));
    expect(said.map((line) => JSON.parse(line))).toMatchObject([
      ...[1, 2, 3].map(() => ({ level: 40, from: '127.0.0.1' })),
      { level: 30, from: '127.0.0.1', key: 'ops' },
    ]);
    expect(lines.join('')).not.toMatch(/wrong-but|16-or-more/);
  });

  test('is not listened to after too many failures from an address, and says for how long', async () => {
    const { logIn } = await serve();
    for (let count = 0; count < 10; count++) expect((await logIn('a-wrong-key-of-mine')).status).toBe(401);
    const refused = await logIn();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(6);
    expect(JSON.parse(refused.body).error).toMatch(/try again in \d+ s/);
  });

  test.each([
    [405, { method: 'PUT', body: {} }],
    [403, { method: 'POST', headers: { origin: 'https://evil.example' }, body: { key: KEY } }],
    [403, { method: 'POST', headers: { 'sec-fetch-site': 'same-site' }, body: { key: KEY } }],
    [415, { method: 'POST', headers: { 'content-type': 'text/plain' } }],
    [413, { method: 'POST', headers: { 'content-length': '99999', 'content-type': 'application/json' } }],
    [400, { method: 'POST', body: 'a text' }],
  ])('is answered with %i to what it should not be', async (status, asked) => {
    const { ask } = await serve();
    const answer = await ask('/console/session', asked);
    expect(answer.status).toBe(status);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('says that there is no key where there is none', async () => {
    const { logIn, about } = await serve({ api: { keys: [] } });
    expect(await about()).toMatchObject({ canLogIn: false });
    expect((await logIn()).status).toBe(409);
  });
});

describe('DELETE /console/session', () => {
  test('takes the cookie away, for pages of this service only', async () => {
    const { ask, origin } = await serve();
    const answer = await ask('/console/session', { method: 'DELETE', headers: { origin } });
    expect(answer.status).toBe(204);
    expect(String(answer.headers['set-cookie'])).toMatch(/^tidewire-session-\d+=; Path=\/; Max-Age=0; /);
    for (const headers of [{}, { origin: 'http://127.0.0.1' }, { origin, 'sec-fetch-site': 'cross-site' }]) {
      expect((await ask('/console/session', { method: 'DELETE', headers })).status).toBe(403);
    }
  });
});

describe('a session', () => {
  test('ends when its key is changed or taken away, and stands on a node that has the key', async () => {
    const keys = [
      { name: 'ops', key: KEY },
      { name: 'other', key: 'another-key-of-mine' },
    ];
    const first = await serve({ api: { keys } });
    const cookie = cookieOf(await first.logIn());
    const second = await serve({ api: { keys } });
    const asAnotherNode = cookie.replace(String(first.port), String(second.port));
    expect((await second.about({ cookie: asAnotherNode })).session).toMatchObject({ name: 'ops' });

    const sessionWith = async (changed: typeof keys) => {
      first.service.reconfigure({ api: { keys: changed } });
      return (await first.about({ cookie })).session?.name;
    };
    expect(await sessionWith([{ name: 'ops', key: 'a-changed-key-of-ops' }])).toBeUndefined();
    expect(await sessionWith([{ name: 'renamed', key: KEY }])).toBeUndefined();
    expect(await sessionWith([])).toBeUndefined();
    expect(await sessionWith(keys)).toBe('ops');
  });

  test('cannot be made up or prolonged', async () => {
    const { logIn, about, port } = await serve();
    const cookie = cookieOf(await logIn());
    const [name = '', end = '', mac = ''] = cookie.split('=')[1]?.split('.') ?? [];
    const later = String(Number(end) + HOURS);
    const forged = [`${name}.${later}.${mac}`, `${name}.${end}.${mac.slice(1)}`, `${name}.${end}.`, 'x', ''];
    for (const token of [...forged, `${Buffer.from('root').toString('base64url')}.${end}.${mac}`]) {
      expect((await about({ cookie: `tidewire-session-${port}=${token}` })).session).toBeUndefined();
    }
    expect((await about({ cookie: `a=b; ${cookie}; c` })).session).toMatchObject({ name: 'ops' });
  });
});
