import { WebSocket, type WebSocketOptions } from '@tidewire/client';
import { describe, expect, test } from 'vitest';
import { answeringServer, echoServer, switching } from '../support/servers.ts';
import { closeOf, connect, open } from '../support/sockets.ts';

// Nothing that a program is given and passes on may end a header and begin another.

const evil = ['a\r\nX-Evil: 1', 'a\nX-Evil: 1', 'a\rX-Evil: 1', 'a\0b', 'a\u0100b', '\r\n\r\nGET / HTTP/1.1'];

describe.each(evil)('%j', (text) => {
  test.each<[string, WebSocketOptions]>([
    ['the value of a header', { headers: { 'X-A': text } }],
    ['one of several values', { headers: { 'X-A': ['fine', text] } }],
    ['a pair', { headers: [['X-A', text]] }],
    ['the name of a header', { headers: { [text]: 'a' } }],
    ['the origin', { origin: text }],
    ['a header for the proxy', { proxy: { url: 'http://127.0.0.1:1', headers: { 'X-A': text } } }],
    ['the name of a header for the proxy', { proxy: { url: 'http://127.0.0.1:1', headers: { [text]: 'a' } } }],
  ])('as %s is a TypeError', (_, options) => {
    expect(() => new WebSocket('ws://127.0.0.1:9', [], options)).toThrow(TypeError);
  });

  test('as a subprotocol is a SyntaxError', () => {
    expect(() => new WebSocket('ws://127.0.0.1:9', text)).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    expect(() => new WebSocket('ws://127.0.0.1:9', ['a', text])).toThrow(DOMException);
  });

  test('in the URL is taken out or escaped', async () => {
    let request = '';
    const { port } = await answeringServer((received) => {
      request = received;
      return switching(received);
    });
    await open(`ws://us${encodeURIComponent(text)}er:pw@127.0.0.1:${port}/${text}?${text}`);
    expect(request).not.toMatch(/^X-Evil/m);
    expect(request.match(/^GET /gm)).toHaveLength(1);
    expect(request.split('\r\n').at(0)).toMatch(/^GET \/[!-~]*\?[!-~]* HTTP\/1\.1$/);
  });
});

test('a close code or reason of any type sends no memory that was not meant', async () => {
  const { url, nextPeer } = await echoServer();
  const coming = nextPeer();
  const socket = await open(url);
  const closed = new Promise((resolve) =>
    coming.then((peer) => peer.on('close', (code, reason) => resolve([code, String(reason)]))),
  );
  expect(() => socket.close(1000, Symbol('x') as never)).toThrow(TypeError);
  socket.close(1000, new Float32Array(20) as never);
  expect(await closed).toEqual([1000, new Float32Array(20).toString()]);
});

test('a host that the URL standard allows and HTTP does not is a failure, not an exception', async () => {
  const socket = connect('ws://a"b.invalid/');
  expect((await closeOf(socket)).code).toBe(1006);
});
