import { describe, expect, it } from 'vitest';
import { closeFrame, frame, Opcode, RawPeer, upgradeRequest } from '../support/raw-peer.ts';
import { serve, until } from '../support/serving.ts';
import { underAttack } from './attack.ts';

// A TCP reset at every point of a connection's life, with no handler that would notice: an error without a listener ends
// the process.

const request = upgradeRequest();
const life = Buffer.concat([
  Buffer.from(request),
  frame(Opcode.TEXT, 'hello'),
  frame(Opcode.TEXT, 'frag', { fin: false }),
  frame(Opcode.PING, 'x'),
  frame(Opcode.CONTINUATION, 'ment'),
  frame(3, 'against the rules'),
]);

describe('a reset', () => {
  it('after any number of bytes sent does no harm', async () => {
    const { port, goesOn } = await underAttack();
    for (let at = 0; at <= life.length; at++) {
      const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
      peer.send(life.subarray(0, at));
      if (at % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      peer.reset();
    }
    await goesOn();
  });

  it.each<[string, string | Buffer]>([
    ['an answer', ''],
    ['a message', frame(Opcode.TEXT, 'hello')],
    ['a part of a frame', frame(Opcode.TEXT, 'hello').subarray(0, 4)],
    ['a violation', frame(3)],
    ['a Close frame', closeFrame(1000)],
  ])('after %s does no harm', async (_name, bytes) => {
    const { port, endpoint } = await serve({});
    for (let i = 0; i < 20; i++) {
      const peer = await RawPeer.open(port);
      peer.send(bytes);
      for (let turns = 0; turns < i % 4; turns++) await new Promise((resolve) => setImmediate(resolve));
      peer.reset();
    }
    await until(() => endpoint.connectionCount === 0);
  });

  it('while the server sends, closes, drains or refuses does no harm', async () => {
    const { port, endpoint } = await serve({
      upgrade: (incoming) => (incoming.path === '/no' ? incoming.reject(403) : { data: undefined }),
      open(socket) {
        socket.send(Buffer.alloc(1024 * 1024));
        if (socket.url === '/close') socket.close(1000);
        if (socket.url === '/fragments') socket.startMessage('text').write('never ends');
      },
    });
    for (const path of ['/no', '/close', '/fragments', '/', '/no', '/close', '/fragments', '/']) {
      const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
      peer.send(upgradeRequest(path));
      await until(() => peer.received.length > 0);
      peer.reset();
    }
    const last = await RawPeer.open(port);
    const drained = endpoint.drain();
    last.reset();
    await drained;
  });

  it('of a client that has half closed does no harm', async () => {
    const { port, endpoint } = await serve({});
    const peer = await RawPeer.open(port);
    peer.socket.end();
    await peer.rest();
    peer.reset();
    await until(() => endpoint.connectionCount === 0);
  });

  it('lets handlers that still use the socket go on', async () => {
    const results: unknown[] = [];
    const { port, endpoint } = await serve({
      close(socket) {
        results.push(socket.send('x'), socket.ping(), socket.startMessage('text').write('x'), socket.readyState);
        socket.close(1000);
        socket.terminate();
        socket.pause();
        socket.resume();
        socket.subscribe('a');
      },
    });
    const peer = await RawPeer.open(port);
    peer.reset();
    await until(() => results.length > 0);
    expect(results).toEqual(['closed', 'closed', 'closed', 3]);
    expect(endpoint.subscriberCount('a')).toBe(0);
  });
});
