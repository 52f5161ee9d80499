import { type ClientSession, openSession, type SessionEnd, type WebSocketInit } from '@tidewire/client';
import { describe, expect, test } from 'vitest';
import { afterThisTest, answeringServer, echoServer, tcpServer } from './support/servers.ts';

/** A session that writes down what happens to it. */
class Recorded {
  readonly session: ClientSession;
  readonly happened: unknown[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<SessionEnd>;
  #waiting: () => void = () => {};

  constructor(url: string, init?: WebSocketInit) {
    let open = () => {};
    let close = (_end: SessionEnd) => {};
    this.opened = new Promise((resolve) => {
      open = resolve;
    });
    this.closed = new Promise((resolve) => {
      close = resolve;
    });
    this.session = openSession(
      url,
      {
        opened: ({ status }, subprotocol) => {
          this.happened.push(['opened', status, subprotocol]);
          open();
        },
        message: (data) => {
          this.happened.push(data);
          this.#waiting();
        },
        closed: close,
      },
      init,
    );
    afterThisTest(() => this.session.terminate());
  }

  async until(count: number): Promise<void> {
    while (this.happened.length < count) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }
}

describe('a session', () => {
  test('opens, exchanges text and bytes, and closes', async () => {
    const { url } = await echoServer({ handleProtocols: () => 'chat' });
    const client = new Recorded(url, { protocols: ['chat'] });
    expect(client.session.send('too early')).toBe('closed');
    await client.opened;
    expect(client.session.send('text')).toBe('written');
    client.session.send(Uint8Array.of(1, 2));
    await client.until(3);
    expect(client.happened.slice(0, 2)).toEqual([['opened', 101, 'chat'], 'text']);
    expect(client.happened[2]).toEqual(expect.objectContaining({ 0: 1, 1: 2, length: 2 }));
    client.session.close(4000, 'enough');
    expect(await client.closed).toEqual({ code: 4000, reason: 'enough', wasClean: true, failure: undefined });
    expect(client.session.send('too late')).toBe('closed');
  });

  test('says why it could not open', async () => {
    const { port } = await answeringServer(() => 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
    const end = await new Recorded(`ws://127.0.0.1:${port}`).closed;
    expect([end.code, end.wasClean, end.failure?.code]).toEqual([1006, false, 'STATUS']);
    expect(end.failure?.response?.status).toBe(503);
  });

  test.each([
    ['close', 'CLOSED_BEFORE_OPEN'],
    ['terminate', 'TERMINATED'],
  ] as const)('can be given up by %s before it is open', async (how, code) => {
    const { port } = await tcpServer(() => {});
    const client = new Recorded(`ws://127.0.0.1:${port}`);
    client.session[how]();
    expect((await client.closed).failure?.code).toBe(code);
  });

  test('reads nothing while it is paused', async () => {
    const { url } = await echoServer();
    const paused = new Recorded(url);
    const other = new Recorded(url);
    await Promise.all([paused.opened, other.opened]);
    paused.session.pause();
    paused.session.send('first');
    // What the other sends later is back, and more than once, before anything of the first is read.
    for (let i = 0; i < 20; i++) {
      other.session.send(String(i));
      await other.until(i + 2);
    }
    expect(paused.happened.length).toBe(1);
    paused.session.resume();
    await paused.until(2);
    expect(paused.happened[1]).toBe('first');
  });

  test('throws what a WebSocket throws for wrong arguments', () => {
    const handler = { message: () => {}, closed: () => {} };
    expect(() => openSession('nonsense', handler)).toThrow('"nonsense" is not a URL');
    expect(() => openSession('ws://127.0.0.1', handler, { protocols: ['a b'] })).toThrow('must be a token');
    expect(() => openSession('ws://127.0.0.1', handler, { closeTimeout: -1 })).toThrow('closeTimeout');
  });
});
