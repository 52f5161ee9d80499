import { describe, expect, test } from 'vitest';
import { echoServer } from './support/servers.ts';
import { closeOf, messageOf, open } from './support/sockets.ts';

const text = 'the tide comes in, the tide goes out. '.repeat(200);

describe('permessage-deflate with the ws package', () => {
  test('is not offered by default', async () => {
    const server = await echoServer({ perMessageDeflate: true });
    const socket = await open(server.url);
    expect(socket.extensions).toBe('');
    expect(server.requests[0]?.headers['sec-websocket-extensions']).toBeUndefined();
  });

  test.each([
    [true, 'permessage-deflate; client_max_window_bits'],
    [{}, 'permessage-deflate'],
    [{ serverNoContextTakeover: true }, 'permessage-deflate; server_no_context_takeover'],
    [
      { clientNoContextTakeover: true, serverMaxWindowBits: 10 },
      'client_no_context_takeover; server_max_window_bits=10',
    ],
    [[{ serverMaxWindowBits: 9 }, {}], 'permessage-deflate; server_max_window_bits=9, permessage-deflate'],
  ])('is agreed on by the option deflate: %j', async (deflate, offer) => {
    const server = await echoServer({ perMessageDeflate: { threshold: 0 } });
    const socket = await open(server.url, { deflate, compressionThreshold: 0 });
    expect(server.requests[0]?.headers['sec-websocket-extensions']).toContain(offer);
    expect(socket.extensions).toContain('permessage-deflate');
    for (let round = 0; round < 3; round++) {
      socket.send(text);
      expect(await messageOf(socket)).toBe(text);
      socket.send(Buffer.from(text));
      expect(await (await (messageOf(socket) as Promise<Blob>)).text()).toBe(text);
    }
  });

  test('is left out where the server does not want it', async () => {
    const server = await echoServer({ perMessageDeflate: false });
    const socket = await open(server.url, { deflate: true });
    socket.send(text);
    expect([await messageOf(socket), socket.extensions]).toEqual([text, '']);
  });

  test('both sides close cleanly in the middle of traffic', async () => {
    const server = await echoServer({ perMessageDeflate: true });
    const socket = await open(server.url, { deflate: true });
    for (let count = 0; count < 50; count++) socket.send(text);
    socket.close(1000);
    expect(await closeOf(socket)).toMatchObject({ code: 1000, wasClean: true });
  });

  test.each([true, { clientNoContextTakeover: true }])(
    'carries what is large, in order and as it was: %j',
    async (deflate) => {
      const server = await echoServer({ perMessageDeflate: true });
      const socket = await open(server.url, { deflate });
      socket.binaryType = 'arraybuffer';
      const received: (string | ArrayBuffer)[] = [];
      socket.onmessage = ({ data }) => received.push(data);
      const closed = closeOf(socket);
      const bytes = Buffer.alloc(300_000, text);
      const small = Buffer.from('small');
      const sent = [bytes.toString(), 'small'];
      for (let round = 0; round < 5; round++) {
        bytes.write(text);
        small.write('small');
        socket.send(bytes);
        socket.send(small);
        // They may be used for something else at once.
        bytes.fill('x', 0, text.length);
        small.fill('x');
        expect(socket.bufferedAmount).toBe((round + 1) * 300_005);
      }
      socket.send('last');
      await new Promise<void>((resolve) => {
        socket.addEventListener('message', ({ data }) => data === 'last' && resolve());
      });
      socket.close(1000);
      expect(await closed).toMatchObject({ code: 1000, wasClean: true });
      expect(socket.bufferedAmount).toBe(0);
      const texts = received.map((data) => (typeof data === 'string' ? data : Buffer.from(data).toString()));
      expect(texts.map((each, i) => each === (i === 10 ? 'last' : sent[i % 2]))).toEqual(Array(11).fill(true));
    },
  );
});
