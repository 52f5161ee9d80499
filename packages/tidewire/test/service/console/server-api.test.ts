import { describe, expect, test } from 'vitest';
import { cookieOf, KEY, serve } from './support.ts';

async function logged(operations?: readonly string[]) {
  const serving = await serve({ api: { keys: [{ name: 'ops', key: KEY, operations, rate: 2 }] } });
  const cookie = cookieOf(await serving.logIn());
  const post = (operation: string, headers: Readonly<Record<string, string>>) =>
    serving.ask(`/api/${operation}`, { method: 'POST', headers, body: {} });
  return { ...serving, cookie, post };
}

describe('the server API', () => {
  test('takes a session in place of a key, and holds it to what the key is for', async () => {
    const { cookie, origin, post } = await logged(['info']);
    expect((await post('info', { cookie, origin })).status).toBe(200);
    expect((await post('channels', { cookie, origin })).status).toBe(403);
    expect((await post('info', { origin })).status).toBe(401);
  });

  test('counts what a session asks as of its key', async () => {
    const { cookie, origin, post } = await logged();
    const statuses: number[] = [];
    for (let count = 0; count < 8; count++) {
      const headers = count % 2 === 0 ? { cookie, origin } : { authorization: `Bearer ${KEY}` };
      statuses.push((await post('info', headers)).status);
    }
    expect(statuses).toContain(429);
  });

  test('takes a wrong key for a wrong key, also beside a session', async () => {
    const { cookie, origin, post } = await logged();
    expect((await post('info', { cookie, origin, authorization: 'Bearer wrong-key' })).status).toBe(401);
    // What a proxy in front of the service asks for is none of its keys.
    expect((await post('info', { cookie, origin, authorization: 'Basic b3BzOm9wcw==' })).status).toBe(200);
  });

  test.each([
    ['of another site', () => ({ origin: 'https://evil.example' })],
    ['of another port of this host', () => ({ origin: 'http://127.0.0.1:1' })],
    ['that may not say where it is from', () => ({ origin: 'null' })],
    ['of the same site, as the browser says', (origin: string) => ({ origin, 'sec-fetch-site': 'same-site' })],
    ['with TLS between, from one without', (origin: string) => ({ origin, 'x-forwarded-proto': 'https' })],
    ['that does not say where it is from', () => ({})],
  ])('does not take a session from a page %s', async (_what, headers) => {
    const { cookie, origin, post } = await logged();
    const said: Readonly<Record<string, string>> = headers(origin);
    const sent = 'x-forwarded-proto' in said ? `__Host-${cookie}` : cookie;
    expect((await post('info', { cookie: sent, ...said })).status).toBe(401);
  });
});
