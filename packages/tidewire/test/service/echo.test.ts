import { once } from 'node:events';
import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientFrame, Peer, rawWebSocket } from '../support.ts';

let service: Service;
let url: string;

beforeAll(async () => {
  service = await startService({ port: 0 });
  url = service.urls.endpoints.echo ?? '';
});
afterAll(() => service.stop());

describe('the echo', () => {
  test('sends text back as text and binary as binary, whatever is in it', async () => {
    const peer = await Peer.open(url);
    const messages = ['hello', '', '\0 Grüße 🌊', Uint8Array.of(), Uint8Array.of(0, 255, 128), '{"json":true}'];
    for (const message of messages) peer.socket.send(message);
    for (const message of messages) expect(await peer.next()).toEqual(message);
    peer.socket.close(1000, 'done');
    expect(await peer.closed).toEqual({ code: 1000, reason: '', wasClean: true });
  });

  test('takes messages up to its limit, and closes with 1009 beyond', async () => {
    const peer = await Peer.open(url);
    const large = new Uint8Array(16 * 1024 * 1024).fill(7);
    peer.socket.send(large);
    expect(Buffer.compare((await peer.next()) as Uint8Array, large)).toBe(0);
    peer.socket.send(new Uint8Array(large.length + 1));
    expect(await peer.closed).toMatchObject({ code: 1009 });
  });

  test('chooses the subprotocol that the client names first', async () => {
    expect((await Peer.open(url, ['chat.v2', 'chat.v1'])).socket.protocol).toBe('chat.v2');
    expect((await Peer.open(url)).socket.protocol).toBe('');
  });

  test('lets pages from anywhere connect', async () => {
    for (const origin of ['https://example.com', 'null', 'http://192.0.2.1:99']) {
      const peer = await Peer.open(url, [], { origin });
      peer.socket.send(origin);
      expect(await peer.next()).toBe(origin);
    }
  });

  test('stops reading from who does not take the answers, and goes on when they are taken', async () => {
    const socket = await rawWebSocket(service.port);
    socket.pause();
    const payload = new Uint8Array(60_000).fill(1);
    const frame = clientFrame(2, payload);
    const total = 2000;
    let sent = 0;
    // Until the network takes no more: the service has stopped reading, and holds no more than what was on the way.
    while (sent < total && (socket.write(frame) || (await drainsWithin(socket, 500)))) sent += 1;
    expect(sent).toBeLessThan(total / 2);
    const other = await Peer.open(url);
    other.socket.send('still here');
    expect(await other.next()).toBe('still here');

    // Every message that was sent comes back after all.
    const wanted = (sent + 1) * (4 + payload.length);
    let received = 0;
    socket.on('data', (chunk: Uint8Array) => {
      received += chunk.length;
      if (received === wanted) socket.emit('complete');
    });
    socket.resume();
    await once(socket, 'complete');
    socket.destroy();
  });
});

function drainsWithin(socket: NodeJS.EventEmitter, milliseconds: number): Promise<boolean> {
  return Promise.race([
    once(socket, 'drain').then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), milliseconds)),
  ]);
}
