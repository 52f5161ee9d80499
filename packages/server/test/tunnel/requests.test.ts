import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { frame, Opcode } from '../support/raw-peer.ts';
import { serve, signal } from '../support/serving.ts';
import { ack, ask, begin, bytesOf, codeOf, data, responseTo, TunnelPeer } from '../support/tunnel-peer.ts';

const hello = frame(Opcode.TEXT, 'hello');
const echoed = Buffer.concat([Buffer.from([0x81, 5]), Buffer.from('hello')]);

async function serveEcho(options: Parameters<typeof serve>[0] = {}) {
  return await serve({ ...options, message: (socket, message) => void socket.send(message) });
}

describe('a request of a tunnel', () => {
  it('has an answer that nobody keeps, changes or holds back', async () => {
    const { port } = await serveEcho();
    const peer = await TunnelPeer.open(port);
    const { headers } = await peer.post(peer.body('SEND', ack(0)));
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'cache-control': 'no-store, no-transform',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
    });
  });

  it('to a session that is not gets 404', async () => {
    const { port } = await serveEcho();
    const peer = await TunnelPeer.open(port);
    for (const id of ['0'.repeat(32), 'x', '']) {
      const response = await ask(port, `/?tidewire-tunnel=${id}`, { body: peer.body('SEND') });
      expect([response.status, codeOf(response)]).toEqual([404, 'UNKNOWN_SESSION']);
    }
  });

  it('with a wrong key gets 404, and takes nothing', async () => {
    const { port } = await serveEcho();
    const peer = await TunnelPeer.open(port);
    const body = peer.body('SEND', data(0, hello));
    body[body.indexOf(peer.key[0] ?? 0, 4)] = (peer.key[0] ?? 0) ^ 1;
    expect(codeOf(await peer.post(body))).toBe('UNKNOWN_SESSION');
    expect(bytesOf(await peer.ask('TAKE', ack(0), data(0, hello)))).toEqual(echoed);
  });

  it('from a page of another origin than the opening gets 403, and takes nothing', async () => {
    const { port } = await serveEcho({ origin: ['https://app.example', 'https://other.example'] });
    const peer = await TunnelPeer.open(port, '/', [], 'https://app.example');
    for (const headers of [{ Origin: 'https://other.example' }, {}]) {
      const response = await peer.post(peer.body('SEND', data(0, hello)), headers);
      expect([response.status, codeOf(response)]).toEqual([403, 'FOREIGN_ORIGIN']);
      expect(response.headers['access-control-allow-origin']).toBeUndefined();
    }
    const allowed = await peer.post(peer.body('SEND'));
    expect(allowed.headers).toMatchObject({ 'access-control-allow-origin': 'https://app.example', vary: 'Origin' });
  });

  it.each([
    ['beyond the window', 409, 'BEYOND_WINDOW', data(300_000, hello)],
    ['acknowledging what was not sent', 409, 'ACKNOWLEDGEMENT', ack(5)],
  ])('%s gets %d %s; nothing is lost on that session or on another', async (_, status, code, record) => {
    const { port } = await serveEcho();
    const [peer, other] = [await TunnelPeer.open(port), await TunnelPeer.open(port)];
    const response = await peer.post(peer.body('SEND', record));
    expect([response.status, codeOf(response)]).toEqual([status, code]);
    for (const each of [peer, other]) {
      expect(bytesOf(await each.ask('TAKE', ack(0), data(0, hello)))).toEqual(echoed);
    }
  });

  it.each([5000, 500_000])('with a body of %d bytes too many gets 413, and the session goes on', async (size) => {
    const { port } = await serveEcho({ tunnel: { maxBodySize: 4096 } });
    const peer = await TunnelPeer.open(port);
    const response = await peer.post(new Uint8Array(4096 + size));
    expect([response.status, codeOf(response)]).toEqual([413, 'TOO_LARGE']);
    expect(bytesOf(await peer.ask('TAKE', ack(0), data(0, hello)))).toEqual(echoed);
  });

  it('whose body never ends being too large is answered all the same, and cut', async () => {
    const { port } = await serveEcho({ tunnel: { maxBodySize: 4096 }, closeTimeout: 200 });
    const peer = await TunnelPeer.open(port);
    const made = begin(port, peer.path);
    const gone = signal();
    made.on('close', () => gone.happen());
    const more = () => {
      while (!made.destroyed && made.write(new Uint8Array(65_536)));
    };
    made.on('drain', more);
    more();
    const response = await responseTo(made);
    expect(response.statusCode).toBe(413);
    response.resume();
    await gone.happened;
  });

  it('that is cut off in its body takes nothing', async () => {
    const { port } = await serveEcho();
    const peer = await TunnelPeer.open(port);
    const made = begin(port, peer.path, { headers: { 'Content-Length': '1000' } });
    made.write(peer.body('SEND', data(0, hello)));
    await once(made, 'socket');
    await new Promise((resolve) => setImmediate(resolve));
    made.destroy();
    const again = await peer.ask('SEND');
    expect(again[1]).toMatchObject({ type: 'ACK', received: 0 });
  });

  it('is one too many when four are being sent already', async () => {
    const { port } = await serveEcho();
    const peer = await TunnelPeer.open(port);
    const statusOfMore = async () => (await peer.post(peer.body('SEND'))).status;
    const slow = Array.from({ length: 4 }, () => begin(port, peer.path, { headers: { 'Content-Length': '1000' } }));
    for (const made of slow) made.write(peer.body('SEND').subarray(0, -2));
    while ((await statusOfMore()) !== 429);
    for (const made of slow) made.destroy();
    while ((await statusOfMore()) !== 200);
  });
});

describe('a streaming answer', () => {
  it('says at once what the application sends, and what came twice only once', async () => {
    const { port } = await serveEcho();
    const peer = await TunnelPeer.open(port);
    const stream = await peer.stream(ack(0));
    await peer.ask('SEND', data(0, hello));
    await peer.ask('SEND', data(0, hello));
    expect(await stream.bytes(7)).toEqual(echoed);
    await stream.until('PROOF');
    const more = frame(Opcode.TEXT, 'hello');
    await peer.ask('SEND', data(hello.length, more));
    expect(await stream.bytes(14)).toEqual(Buffer.concat([echoed, echoed]));
  });

  it('that was cut goes on in the next', async () => {
    const gone = signal();
    const { port, endpoint } = await serveEcho();
    const peer = await TunnelPeer.open(port);
    const stream = await peer.stream(ack(0));
    await stream.until('ACK');
    stream.response.once('close', () => gone.happen());
    stream.response.destroy();
    await gone.happened;
    for (const socket of endpoint.sockets) socket.send('hello');
    const next = await peer.stream(ack(0));
    expect(await next.bytes(7)).toEqual(echoed);
  });
});
