import { EventEmitter, once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { afterThisTest } from '../support/servers.ts';
import { closeOf, connect, failureOf } from '../support/sockets.ts';

// What a server of HTTP/2 may do to a client, beyond refusing it.

async function serve(answer: (stream: ServerHttp2Stream) => void): Promise<{ url: string; server: Http2Server }> {
  const server = createServer({ settings: { enableConnectProtocol: true } });
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    answer(stream);
  });
  server.on('session', (session) => {
    session.on('error', () => {});
    afterThisTest(() => session.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterThisTest(() => server.close());
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

test('it may not push, for nobody would listen to a stream that fails', async () => {
  const mayPush: boolean[] = [];
  const { url } = await serve((stream) => {
    mayPush.push(stream.pushAllowed);
    if (stream.pushAllowed) {
      stream.pushStream({ ':path': '/' }, (_, pushed) => {
        pushed.on('error', () => {}).respond();
        pushed.close(2);
      });
    }
    stream.respond({ ':status': 403 });
    stream.end();
  });
  expect(await failureOf(url, { http2: true })).toMatchObject({ code: 'STATUS', response: { status: 403 } });
  expect(mayPush).toEqual([false]);
});

test('its connection is closed though all who waited have gone at the moment in which it is ready', async () => {
  const { url, server } = await serve(() => {});
  const controller = new AbortController();
  const { emit } = EventEmitter.prototype;
  afterThisTest(() => {
    EventEmitter.prototype.emit = emit;
  });
  // Nothing else happens between the settings and what waits for them.
  EventEmitter.prototype.emit = function (name: string | symbol, ...rest: unknown[]): boolean {
    const result = Reflect.apply(emit, this, [name, ...rest]);
    if (name === 'remoteSettings' && 'request' in this) controller.abort();
    return result;
  };
  const [session] = await Promise.all([
    once(server, 'session').then(([each]) => each),
    closeOf(connect(url, { http2: true, signal: controller.signal })),
  ]);
  if (!session.destroyed) await once(session, 'close');
});
