import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketStream } from '@tidewire/client';
import { type Socket, WebSocketEndpoint } from '@tidewire/server';
import { describe, expect, test } from 'vitest';
import { afterThisTest } from './support/servers.ts';
import { closeOf, failureOf, messageOf, open } from './support/sockets.ts';

async function serve(options: ConstructorParameters<typeof WebSocketEndpoint>[0]): Promise<string> {
  const server = createServer();
  new WebSocketEndpoint(options).attach(server, { path: '/echo' });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterThisTest(() => {
    server.closeAllConnections();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/echo`;
}

const echo = { message: (socket: Socket, message: string | Uint8Array) => void socket.send(message) };

describe('with the server of this project', () => {
  test.each([false, true])('messages of every size of header come back, deflate: %s', async (deflate) => {
    const url = await serve({ ...echo, deflate });
    const socket = await open(url, { deflate });
    socket.binaryType = 'arraybuffer';
    expect(socket.extensions !== '').toBe(deflate);
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
      socket.send('ä'.repeat(size));
      expect(await messageOf(socket)).toBe('ä'.repeat(size));
      const bytes = new Uint8Array(size).fill(size);
      socket.send(bytes);
      expect(Buffer.from((await messageOf(socket)) as ArrayBuffer).equals(bytes)).toBe(true);
    }
    socket.close(4000, 'enough');
    expect(await closeOf(socket)).toMatchObject({ code: 4000, wasClean: true });
  });

  test('version 8 is spoken', async () => {
    const socket = await open(await serve(echo), { version: 8 });
    socket.send('old');
    expect(await messageOf(socket)).toBe('old');
  });

  test('a refusal says why', async () => {
    const url = await serve(echo);
    expect(await failureOf(url, { origin: 'https://elsewhere.invalid' })).toMatchObject({
      code: 'STATUS',
      response: { status: 403 },
    });
    expect((await failureOf(url.replace('/echo', '/nothing'))).code).toMatch(/STATUS|RESPONSE/);
  });

  test('a stream goes there and back with backpressure', async () => {
    const stream = new WebSocketStream(await serve(echo));
    const { readable, writable } = await stream.opened;
    const writer = writable.getWriter();
    const count = 2000;
    const writing = (async () => {
      for (let index = 0; index < count; index++) await writer.write(`${index}`.padEnd(10_000));
    })();
    let expected = 0;
    for await (const message of readable) {
      expect(Number(message)).toBe(expected++);
      if (expected === count) break;
    }
    await writing;
    await writer.close();
    expect(expected).toBe(count);
  });
});
