import { performance } from 'node:perf_hooks';
import type { Upgrade } from '@tidewire/server';
import { describe, expect, it } from 'vitest';
import { frame, Opcode, RawPeer, type Response, upgradeRequest } from '../support/raw-peer.ts';
import { recordErrors, until } from '../support/serving.ts';
import { underAttack } from './attack.ts';

async function statusOf(port: number, request: string): Promise<number> {
  return (await RawPeer.ask(port, request)).response.status;
}

describe('window bits', () => {
  it.each(['0', '7', '16', '99', '', '"1e1"', '1e1', '010', '+10', '0x0a', '10.0', '-8'])(
    'of %s are declined or refused',
    async (bits) => {
      const { port, goesOn } = await underAttack({ deflate: { threshold: 0 } });
      for (const parameter of ['server_max_window_bits', 'client_max_window_bits']) {
        const offer = `permessage-deflate; ${parameter}=${bits}`;
        const { peer, response } = await RawPeer.ask(port, upgradeRequest('/', { 'Sec-WebSocket-Extensions': offer }));
        expect([101, 400]).toContain(response.status);
        expect(response.headers).not.toHaveProperty('sec-websocket-extensions');
        if (response.status !== 101) continue;
        peer.send(frame(Opcode.TEXT, 'plain'));
        expect(String((await peer.frame()).payload)).toBe('plain');
      }
      await goesOn();
    },
  );

  it('that come twice are declined', async () => {
    const { port, goesOn } = await underAttack({ deflate: true });
    const offer = 'permessage-deflate; server_max_window_bits=9; server_max_window_bits=10';
    const { response } = await RawPeer.ask(port, upgradeRequest('/', { 'Sec-WebSocket-Extensions': offer }));
    expect(response.status).toBe(101);
    expect(response.headers).not.toHaveProperty('sec-websocket-extensions');
    await goesOn();
  });

  it('of 8 work or are declined', async () => {
    const { port } = await underAttack({ deflate: { threshold: 0 } });
    const request = upgradeRequest('/', { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=8' });
    const { peer, response } = await RawPeer.ask(port, request);
    expect(response.status).toBe(101);
    const said = response.headers['sec-websocket-extensions'];
    if (said !== undefined) expect(said).toContain('server_max_window_bits=8');
    peer.send(frame(Opcode.TEXT, 'a'.repeat(1000)));
    expect((await peer.frame()).opcode).toBe(Opcode.TEXT);
  });
});

describe('header values that are slow to match', () => {
  const values: [string, (size: number) => string][] = [
    ['b, spaces, x', (size) => `b${' '.repeat(size)}x`],
    ['an unterminated string of backslashes', (size) => `a; b="${'\\'.repeat(size)}`],
    ['an unterminated string of quoted quotes', (size) => `a; b="${'\\"'.repeat(size / 2)}`],
    ['semicolons', (size) => `a${';'.repeat(size)}`],
    ['commas', (size) => `${','.repeat(size)}`],
    ['parameters', (size) => `a${'; b=c'.repeat(size / 5)}`],
  ];

  it.each(values)('take linear time: %s', async (_name, value) => {
    const { port, goesOn } = await underAttack({ deflate: true }, { options: { maxHeaderSize: 256 * 1024 } });
    for (const size of [1024, 16_384, 65_536]) {
      for (const name of ['Sec-WebSocket-Extensions', 'Sec-WebSocket-Protocol', 'Connection', 'Cookie', 'Origin']) {
        const start = performance.now();
        const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
        peer.send(upgradeRequest('/', { [name]: name === 'Connection' ? `${value(size)}, Upgrade` : value(size) }));
        await peer.response();
        expect(performance.now() - start).toBeLessThan(5000);
        peer.reset();
      }
    }
    await goesOn();
  });
});

describe('many or huge headers', () => {
  it('of which some may be cut off are refused with 431', async () => {
    const { port, goesOn } = await underAttack({}, { options: { maxHeaderSize: 1024 * 1024 } });
    const many = Array.from({ length: 2500 }, (_, i) => `X-${i}: y`).join('\r\n');
    const request = upgradeRequest().replace('Upgrade: websocket', `${many}\r\nUpgrade: websocket`);
    expect([400, 431]).toContain(await statusOf(port, request));
    await goesOn();
  });

  it('are refused with 431 also where the server keeps fewer', async () => {
    const { port, server, goesOn } = await underAttack();
    server.maxHeadersCount = 4;
    expect(await statusOf(port, upgradeRequest())).toBe(431);
    server.maxHeadersCount = null;
    await goesOn();
  });

  it('end in 431 and not in memory, however slowly they come', async () => {
    const { port, goesOn } = await underAttack();
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    peer.send('GET / HTTP/1.1\r\nHost: localhost\r\nX: ');
    let sent = 0;
    while (peer.received.length === 0 && sent < 20 * 1024 * 1024) {
      peer.send(Buffer.alloc(1024, 'a'));
      sent += 1024;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await peer.response()).status).toBe(431);
    expect(sent).toBeLessThan(1024 * 1024);
    await goesOn();
  });
});

describe('a slow handshake', () => {
  it('is ended by the deadline of the HTTP server', async () => {
    const { port, goesOn } = await underAttack(
      {},
      { options: { headersTimeout: 100, requestTimeout: 100, connectionsCheckingInterval: 20 } },
    );
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    peer.send(upgradeRequest().slice(0, -2));
    expect((await peer.response()).status).toBe(408);
    await goesOn();
  });
});

describe('a subprotocol', () => {
  it('with bytes beyond ASCII is refused', async () => {
    const { port, goesOn } = await underAttack({ subprotocols: ['chat'] });
    for (let byte = 0x80; byte <= 0xff; byte++) {
      const value = `chat${String.fromCharCode(byte)}`;
      expect(await statusOf(port, upgradeRequest('/', { 'Sec-WebSocket-Protocol': value }))).toBe(400);
    }
    await goesOn();
  });
});

describe('a request against HTTP', () => {
  it.each<[string, string, number[]]>([
    ['HTTP/1.0', upgradeRequest('/', {}, 'GET / HTTP/1.0'), [400]],
    ['no Host', upgradeRequest('/', { Host: undefined }), [400]],
    ['two Hosts', upgradeRequest('/', { Host: ['localhost', 'localhost'] }), [400]],
    ['a Host that is none', upgradeRequest('/', { Host: 'a b' }), [400]],
    ['a Host that no URL can have', upgradeRequest('/', { Host: 'a%b' }), [400]],
    ['version 013', upgradeRequest('/', { 'Sec-WebSocket-Version': '013' }), [426]],
    ['two versions', upgradeRequest('/', { 'Sec-WebSocket-Version': ['13', '13'] }), [426]],
    ['two keys', upgradeRequest('/', { 'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'x'] }), [400]],
    ['a target that is no path', upgradeRequest('*'), [400, 404]],
    ['a target of another scheme', upgradeRequest('ftp://localhost/'), [400, 404]],
    ['a body by length', upgradeRequest('/', { 'Content-Length': '5' }), [400]],
    ['a chunked body', upgradeRequest('/', { 'Transfer-Encoding': 'chunked' }), [400]],
  ])('is refused: %s', async (_name, request, statuses) => {
    const { port, goesOn } = await underAttack();
    expect(statuses).toContain(await statusOf(port, request));
    await goesOn();
  });
});

it.each(['localhost:99999', '[:::1]', '1.2.3.4.5', 'xn--a'])(
  'the Host %s, which no URL can have, is refused, whoever came before',
  async (Host) => {
    const { port, goesOn } = await underAttack();
    for (const status of [400, 400]) expect(await statusOf(port, upgradeRequest('/', { Host }))).toBe(status);
    expect(await statusOf(port, upgradeRequest())).toBe(101);
    expect(await statusOf(port, upgradeRequest('/', { Host }))).toBe(400);
    await goesOn();
  },
);

describe('what is pipelined behind a refusal', () => {
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';

  it.each<[string, string]>([
    ['a refused Origin', upgradeRequest('/', { Origin: 'http://evil.example' })],
    ['a malformed handshake', upgradeRequest('/', { 'Sec-WebSocket-Key': 'x' })],
    ['a path of no endpoint', upgradeRequest('/other')],
    ['a body that is a request', `${upgradeRequest('/', { 'Content-Length': String(smuggled.length) })}`],
    ['a chunked body', `${upgradeRequest('/', { 'Transfer-Encoding': 'chunked' })}0\r\n\r\n`],
  ])('is never served: %s', async (_name, request) => {
    const served: unknown[] = [];
    const { port, goesOn } = await underAttack(
      {},
      {
        attach: { path: '/' },
        listener: (request, response) => {
          served.push(request.url);
          response.end();
        },
      },
    );
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    peer.send(request, smuggled);
    const { status } = await peer.response();
    expect(status).toBeGreaterThanOrEqual(400);
    peer.send(smuggled);
    expect(await peer.rest()).toHaveLength(0);
    expect(served).toEqual([]);
    await goesOn();
  });
});

describe('header injection', () => {
  const evil = ['a\r\nX-Evil: 1', 'a\nX-Evil: 1', 'a\rX-Evil: 1', 'a\0b', 'a\r\n\r\nbody', 'ü€'];

  async function answer(upgrade: Upgrade<undefined>): Promise<Response> {
    const errors = recordErrors();
    const { port, goesOn } = await underAttack({
      upgrade: (request) => (request.path === '/' ? { data: undefined } : upgrade(request)),
    });
    const { response } = await RawPeer.ask(port, upgradeRequest('/try', { 'Sec-WebSocket-Protocol': 'a' }));
    expect(errors).toHaveLength(1);
    await goesOn();
    return response;
  }

  it.each(evil)('is impossible through what upgrade answers: %j', async (text) => {
    for (const acceptance of [
      { data: undefined, headers: [['X-Good', text]] as const },
      { data: undefined, headers: [[text, 'good']] as const },
      { data: undefined, subprotocol: text },
    ]) {
      const response = await answer(() => acceptance);
      expect(response.status).toBe(500);
      expect(response.headers).not.toHaveProperty('x-evil');
    }
  });

  it.each(evil)('is impossible through a refusal: %j', async (text) => {
    for (const header of [['X-Good', text] as const, [text, 'good'] as const]) {
      const response = await answer((request) => request.reject(403, { headers: [header] }));
      expect(response.status).toBe(500);
      expect(response.headers).not.toHaveProperty('x-evil');
    }
  });

  it.each(['Content-Length', 'Transfer-Encoding', 'Sec-WebSocket-Accept', 'Upgrade', 'Connection'])(
    'cannot set %s twice',
    async (name) => {
      expect((await answer(() => ({ data: undefined, headers: [[name, '1']] }))).status).toBe(500);
    },
  );

  it.each([100, 101, 200, 299, 600, 403.5, Number.NaN])('cannot refuse with the status %d', async (status) => {
    expect((await answer((request) => request.reject(status))).status).toBe(500);
  });
});

it('a foreign page is refused before the application is asked', async () => {
  let asked = 0;
  const { port, goesOn } = await underAttack({
    upgrade: () => {
      asked++;
      return { data: undefined };
    },
  });
  const before = asked;
  expect(await statusOf(port, upgradeRequest('/', { Origin: 'http://evil.example' }))).toBe(403);
  expect(asked).toBe(before);
  await goesOn();
  await until(() => asked > before);
});
