import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2';
import type { LaneTally } from '@tidewire/console/race-messages';
import { generate } from 'selfsigned';
import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { numbersIn, TestRun, upTo } from './race-support.ts';

let service: Service;
let ca: string;

beforeAll(async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  ca = cert;
  service = await startService({ port: 0, tls: { key: Buffer.from(key), cert: Buffer.from(cert) } });
});
afterAll(() => service.stop());

async function connection(): Promise<ClientHttp2Session> {
  const session = connect(`https://127.0.0.1:${service.port}`, { ca, servername: 'localhost' });
  onTestFinished(() => session.destroy());
  await once(session, 'remoteSettings');
  return session;
}

/** A request, with the text that has come of its answer. */
class Asking {
  readonly stream: ClientHttp2Stream;
  text = '';
  readonly ended: Promise<unknown>;

  constructor(session: ClientHttp2Session, headers: OutgoingHttpHeaders) {
    this.stream = session.request(headers, { endStream: headers[':method'] !== 'CONNECT' });
    this.stream.setEncoding('latin1').on('data', (chunk: string) => {
      this.text += chunk;
    });
    this.stream.on('error', () => {});
    this.ended = once(this.stream, 'close');
  }

  /** The numbers of the messages, whatever stands around them. */
  get numbers(): number[] {
    return numbersIn((this.text.match(/\{"n":.*?\}/g) ?? []).join('\n'));
  }

  async until(count: number): Promise<number[]> {
    while (this.numbers.length < count) await once(this.stream, 'data');
    return this.numbers;
  }
}

const connectTo = (path: string) => ({
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':path': path,
  'sec-websocket-version': '13',
});

/** What a socket has carried, in both directions. */
const carried = ({ socket }: ClientHttp2Session) => ({ sent: socket.bytesWritten, received: socket.bytesRead });

const sum = (tallies: readonly LaneTally[], key: 'sent' | 'received') =>
  tallies.reduce((total, tally) => total + tally[key], 0);

describe('over HTTP/2', () => {
  test('each lane brings every message once, in order', async () => {
    const run = await TestRun.open(service.port, ca);
    const session = await connection();
    const events = new Asking(session, { ':path': run.path('events') });
    const stream = new Asking(session, { ':path': run.path('stream') });
    const socket = new Asking(session, connectTo(run.path('socket')));
    run.begin(50, 20);
    const polled: number[] = [];
    while (polled.length < 20) {
      const poll = new Asking(session, { ':path': run.path('long-polling', polled.at(-1) ?? 0) });
      await poll.ended;
      polled.push(...poll.numbers);
    }
    expect(polled).toEqual(upTo(polled.length));
    for (const lane of [events, stream, socket]) expect((await lane.until(20)).slice(0, 20)).toEqual(upTo(20));
    expect(await run.tally('websocket-h2')).toMatchObject({ requests: 1, http: '2.0' });
  });

  test('the bytes of all lanes together are those of their connection', async () => {
    const run = await TestRun.open(service.port, ca);
    const session = await connection();
    await new Asking(session, { ':path': '/health' }).ended;
    const before = carried(session);
    const open = ['events', 'stream'].map((lane) => new Asking(session, { ':path': run.path(lane) }));
    open.push(new Asking(session, connectTo(run.path('socket'))));
    run.begin(50);
    const poll = async () => {
      const asking = new Asking(session, { ':path': run.path('polling'), 'x-padding': 'x'.repeat(500) });
      await asking.ended;
    };
    for (let count = 0; count < 5; count += 1) await poll();
    for (const lane of open) await lane.until(20);
    run.send({ type: 'settings', rate: 0.2, delay: 0 });
    const tallies = Object.values(await run.settled());
    expect(tallies.length).toBe(4);
    const after = carried(session);
    expect(sum(tallies, 'sent')).toBe(after.received - before.received);
    // The client acknowledges nothing here, but Node widens its windows.
    expect(after.sent - before.sent - sum(tallies, 'received')).toBeLessThan(100);
    expect(sum(tallies, 'received')).toBeLessThanOrEqual(after.sent - before.sent);
  });

  test('the bytes of a lane are its own, whatever goes over the connection beside it', async () => {
    const run = await TestRun.open(service.port, ca);
    const session = await connection();
    const socket = new Asking(session, connectTo(run.path('socket')));
    run.begin(50);
    await socket.until(5);
    const before = await run.tally('websocket-h2');
    const others = [new Asking(session, { ':path': run.path('events') }), new Asking(session, { ':path': '/race' })];
    await socket.until(before.messages + 30);
    const after = await run.tally('websocket-h2', ({ messages }) => messages >= before.messages + 20);
    const perMessage = (after.sent - before.sent) / (after.messages - before.messages);
    // 9 bytes of the frame of HTTP/2, 2 of the WebSocket's, and the message.
    expect(perMessage).toBeGreaterThan(60);
    expect(perMessage).toBeLessThan(80);
    expect(others.length).toBe(2);
  });
});
