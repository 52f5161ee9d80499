import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { Inspector, tapStream } from '../src/index.ts';
import { ended, listen, messages, next, open } from './support/inspecting.ts';

/** A server whose connections are tapped behind a handshake that it answers itself. Returns its URL. */
async function serveTapped(inspector: Inspector): Promise<string> {
  const server = createServer().on('upgrade', (request, socket, head) => {
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const opening = {
      url: 'ws://the.service/place',
      source: 'place',
      request: { method: 'GET', httpVersion: '1.1', headers: [] },
      response: { status: 101, headers: [] },
    };
    const stream = tapStream(inspector, socket, opening, head);
    stream.on('end', () => stream.end());
    // One short frame comes at a time.
    stream.on('data', (chunk: Buffer) => {
      const payload = chunk.subarray(6).map((byte, i) => byte ^ (chunk[2 + (i % 4)] ?? 0));
      const opcode = (chunk[0] ?? 0) & 0x0f;
      stream.write(Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]));
      if (opcode === 8) stream.end();
    });
  });
  return `ws://127.0.0.1:${await listen(server)}`;
}

test('a stream that nobody proxies is recorded between the socket and who serves it', async () => {
  const inspector = new Inspector();
  const client = await open(await serveTapped(inspector));
  client.send('tide');
  expect(await next(client)).toBe('tide');
  client.close(1000, 'bye');
  const connection = await ended(inspector);
  expect(connection).toMatchObject({ url: 'ws://the.service/place', source: 'place' });
  expect(connection.end).toMatchObject({ code: 1000, reason: 'bye', wasClean: true, by: 'client' });
  const records = await messages(inspector, 4);
  expect(records.slice(0, 2)).toMatchObject([
    { direction: 'toServer', data: 'tide', masked: true },
    { direction: 'toClient', data: 'tide', masked: false },
  ]);
  expect(inspector.live.size).toBe(0);
});

test('who drops the socket drops what is behind it, and the other way round', async () => {
  const inspector = new Inspector();
  const url = await serveTapped(inspector);
  const client = await open(url);
  client.terminate();
  expect((await ended(inspector)).end).toMatchObject({ code: 1006, by: 'client', wasClean: false });
  const other = await open(url);
  const closed = new Promise((resolve) => other.on('close', resolve));
  inspector.live.get(2)?.cut();
  expect(await closed).toBe(1006);
  expect((await ended(inspector, 2)).end).toMatchObject({ code: 1006, by: 'inspector' });
});
