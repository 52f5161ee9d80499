import { describe, expect, test } from 'vitest';
import { cookieOf, KEY, serve } from './support.ts';

describe('a service that listens for this machine alone', () => {
  test.each(['localhost', 'LOCALHOST.', 'app.localhost', '127.0.0.1', '127.1.2.3', '[::1]'])(
    'has its console under %s',
    async (name) => {
      const { ask, port } = await serve();
      expect((await ask('/console', { headers: { host: `${name}:${port}` } })).status).toBe(200);
    },
  );

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '127.evil.example', '192.168.1.1'])(
    'has no console, no login and no session under "%s"',
    async (name) => {
      const { ask, logIn, about, port } = await serve();
      const host = `${name}:${port}`;
      const cookie = cookieOf(await logIn());
      for (const path of ['/console', '/console/login', '/console/channels', '/console/nothing']) {
        expect((await ask(path, { headers: { host } })).status).toBe(403);
      }
      expect((await logIn(KEY, { host, origin: `http://${host}` })).status).toBe(403);
      const headers = { host, origin: `http://${host}`, cookie };
      expect((await ask('/api/info', { method: 'POST', headers, body: {} })).status).toBe(401);
      expect(await about({ host, cookie })).toMatchObject({ pages: ['home', 'echo', 'chat', 'race'], canLogIn: false });
      expect((await about({ host, cookie })).session).toBeUndefined();
      // What is there for everybody stays.
      expect((await ask('/chat', { headers: { host } })).status).toBe(200);
    },
  );

  test('has its console under the names that it is told', async () => {
    const { ask } = await serve({ console: { hosts: ['Tidewire.example.com'] } });
    expect((await ask('/console', { headers: { host: 'tidewire.example.com' } })).status).toBe(200);
    expect((await ask('/console', { headers: { host: 'example.com' } })).status).toBe(403);
  });
});

test('a service that listens for others has its console under every name, unless it is told which', async () => {
  const open = await serve({ host: '0.0.0.0' });
  expect((await open.ask('/console', { headers: { host: 'tidewire.example.com' } })).status).toBe(200);
  const named = await serve({ host: '0.0.0.0', console: { hosts: ['tidewire.example.com'] } });
  expect((await named.ask('/console', { headers: { host: 'tidewire.example.com' } })).status).toBe(200);
  expect((await named.ask('/console', { headers: { host: '192.168.1.1' } })).status).toBe(403);
});

test('what is not there is not shown either', async () => {
  const without = await serve({ console: false });
  expect(await without.about()).toMatchObject({
    pages: ['home', 'echo', 'chat', 'race'],
    needLogin: [],
    canLogIn: false,
  });
  expect((await without.ask('/console')).status).toBe(404);
  expect((await without.logIn()).status).toBe(409);
  const alone = await serve({ playground: false });
  expect((await alone.about()).pages).toEqual((await alone.about()).needLogin);
  expect((await alone.ask('/')).status).toBe(404);
  expect(alone.service.urls.pages).toBe(`${alone.origin}/console`);
  const neither = await serve({ playground: false, console: false });
  expect((await neither.ask('/console/about')).status).toBe(404);
  expect(neither.service.urls.pages).toBeUndefined();
});
