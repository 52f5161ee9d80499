import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { connect } from 'node:http2';
import { Socket } from 'node:net';
import { generate } from 'selfsigned';
import { startService } from 'tidewire';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Keyring } from '../../../src/service/api/keys.ts';
import { FailedLogins } from '../../../src/service/console/failed-logins.ts';
import { ConsoleSessions } from '../../../src/service/console/sessions.ts';
import { KEY } from './support.ts';

const HOUR = 60 * 60 * 1000;

/** Sessions on a clock of their own, and requests of a browser that has a cookie. */
function atATime() {
  const clock = { now: 1_700_000_000_000 };
  const keyring = new Keyring([{ name: 'ops', key: KEY }]);
  const sessions = new ConsoleSessions({ host: '127.0.0.1', keyring: () => keyring, now: () => clock.now });
  const [holder] = keyring.holders;
  if (holder === undefined) throw new Error('There is no key');
  const requestWith = (cookie: string, more: object = {}) =>
    Object.assign(new IncomingMessage(new Socket()), {
      method: 'GET',
      headers: { host: 'localhost', cookie, ...more },
    });
  const { cookie } = sessions.begin(requestWith(''), holder);
  return { clock, sessions, request: (more?: object) => requestWith(cookie.split(';')[0] ?? '', more) };
}

describe('a session', () => {
  test('lasts for twelve hours, and for twelve more whenever it has run for one', () => {
    const { clock, sessions, request } = atATime();
    clock.now += HOUR - 1;
    expect(sessions.sessionOf(request())?.cookie).toBeUndefined();
    clock.now += 2;
    const given = sessions.sessionOf(request());
    expect(given?.session.until).toBe(clock.now + 12 * HOUR);
    expect(given?.cookie).toContain('Max-Age=43200');
    clock.now += 11 * HOUR - 2;
    expect(sessions.grantOf(request())?.name).toBe('ops');
    clock.now += 1;
    expect(sessions.grantOf(request())).toBeUndefined();
    expect(sessions.sessionOf(request())).toBeUndefined();
  });

  test('opens a WebSocket for a page of this very origin only', () => {
    const { sessions, request } = atATime();
    const upgrade = { upgrade: 'websocket' };
    expect(sessions.grantOf(request({ ...upgrade, origin: 'http://localhost' }))?.name).toBe('ops');
    for (const origin of [undefined, 'http://localhost:81', 'http://evil.example', 'null', 'file://']) {
      expect(sessions.grantOf(request({ ...upgrade, origin }))).toBeUndefined();
    }
  });

  test('over TLS is in a cookie that no other host can set, also over HTTP/2', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const tls = { key: Buffer.from(key), cert: Buffer.from(cert) };
    const service = await startService({ port: 0, tls, api: { keys: [{ name: 'ops', key: KEY }] } });
    onTestFinished(() => service.stop(0));
    const origin = `https://localhost:${service.port}`;
    const session = connect(origin, { ca: cert });
    onTestFinished(() => session.destroy());
    const post = async (path: string, body: unknown, more: object = {}) => {
      const fields = { ':method': 'POST', ':path': path, 'content-type': 'application/json', origin };
      const stream = session.request({ ...fields, ...more });
      stream.end(JSON.stringify(body));
      const [headers] = await once(stream, 'response');
      stream.resume();
      return headers;
    };
    const given = await post('/console/session', { key: KEY });
    const [cookie = ''] = given['set-cookie'];
    expect(cookie).toMatch(new RegExp(`^__Host-tidewire-session-${service.port}=.*; SameSite=Strict; Secure$`));
    expect((await post('/api/info', {}, { cookie: cookie.split(';')[0] }))[':status']).toBe(200);
    const plain = `http://localhost:${service.port}`;
    expect((await post('/api/info', {}, { cookie: cookie.split(';')[0], origin: plain }))[':status']).toBe(401);
    const tossed = cookie.replace('__Host-', '').split(';')[0];
    expect((await post('/api/info', {}, { cookie: tossed }))[':status']).toBe(401);
  });
});

describe('failed logins', () => {
  test('are forgotten one by one', () => {
    const failed = new FailedLogins();
    for (let count = 0; count < 10; count++) {
      expect(failed.wait('10.0.0.1', 0)).toBe(0);
      failed.add('10.0.0.1', 0);
    }
    expect(failed.wait('10.0.0.1', 0)).toBe(6000);
    expect(failed.wait('10.0.0.2', 0)).toBe(0);
    expect(failed.wait('10.0.0.1', 6000)).toBe(0);
    failed.add('10.0.0.1', 6000);
    expect(failed.wait('10.0.0.1', 6000)).toBe(6000);
    expect(failed.wait('10.0.0.1', 66_000)).toBe(0);
  });

  test('are those of a whole network of version 6', () => {
    const failed = new FailedLogins();
    for (let count = 0; count < 10; count++) failed.add(`2001:db8:1:2::${count}`, 0);
    expect(failed.wait('2001:db8:1:2:3:4:5:6', 0)).toBe(6000);
    expect(failed.wait('2001:db8:1:3::1', 0)).toBe(0);
    for (let count = 0; count < 10; count++) failed.add('::ffff:10.0.0.1', 0);
    expect(failed.wait('::ffff:10.0.0.2', 0)).toBe(0);
  });

  test('of more addresses than are counted leave no trace of the first', () => {
    const failed = new FailedLogins();
    for (let count = 0; count < 10; count++) failed.add('first', 0);
    for (let count = 0; count < 1000; count++) failed.add(`10.0.${count >> 8}.${count & 255}`, 0);
    expect(failed.wait('first', 0)).toBe(0);
  });
});
