import type { Socket } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import type { WebSocketOptions } from '@tidewire/client';
import { describe, expect, test } from 'vitest';
import {
  BINARY,
  CLOSE,
  closeFrame,
  frame,
  onRequest,
  PING,
  rawServer,
  switching,
  TEXT,
  tcpServer,
} from '../support/servers.ts';
import { closeOf, connect, messageOf, open } from '../support/sockets.ts';

// What a server can send to an open connection to harm the client.

/** Sends `bytes` to a new connection; returns why that failed and the code of the Close frame that answered. */
async function outcome(bytes: Uint8Array | Uint8Array[], options: WebSocketOptions = {}) {
  let closeCode: number | undefined;
  const { port } = await rawServer((socket) => {
    for (const piece of [bytes].flat()) socket.write(piece);
    socket.on('data', (chunk: Buffer) => {
      // A masked Close frame: 88, 80 + length, the key, the code.
      const at = chunk.indexOf(Buffer.from([0x88, 0x82]));
      if (at < 0) return;
      const [key0 = 0, key1 = 0, , , high = 0, low = 0] = chunk.subarray(at + 2);
      closeCode = ((high ^ key0) << 8) | (low ^ key1);
      socket.end();
    });
  });
  const event = await closeOf(connect(`ws://127.0.0.1:${port}/`, options));
  expect([event.code, event.reason, event.wasClean]).toEqual([1006, '', false]);
  return [event.failure?.code, closeCode];
}

const header64 = (first: number, length: bigint): Buffer => {
  const header = Buffer.alloc(10);
  header[0] = first;
  header[1] = 127;
  header.writeBigUInt64BE(length, 2);
  return header;
};

describe('frames that break a rule fail the connection: 1006 for the program, the right code for the server', () => {
  test.each<[string, Buffer, string, number]>([
    ['a masked frame', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61]), 'MASKED', 1002],
    ['a reserved bit', frame(0xc1, 'x'), 'RESERVED_BITS', 1002],
    ['a reserved opcode', frame(0x83, 'x'), 'RESERVED_OPCODE', 1002],
    ['a continuation of nothing', frame(0x80, 'x'), 'UNEXPECTED_CONTINUATION', 1002],
    ['a message within a message', Buffer.concat([frame(0x01, 'x'), frame(0x01, 'y')]), 'EXPECTED_CONTINUATION', 1002],
    ['a fragmented Ping', frame(0x09, 'x'), 'CONTROL_FRAGMENTED', 1002],
    ['a Ping of 126 bytes', frame(PING, 'x'.repeat(126)), 'CONTROL_TOO_LONG', 1002],
    ['a length that is not minimal', Buffer.from([0x81, 126, 0, 1, 0x61]), 'LENGTH_NOT_MINIMAL', 1002],
    ['a Close payload of one byte', frame(CLOSE, 'x'), 'CLOSE_PAYLOAD', 1002],
    ['the close code 1005', closeFrame(1005), 'CLOSE_CODE', 1002],
    ['text that is not UTF-8', frame(TEXT, Uint8Array.of(0xc3, 0x28)), 'INVALID_UTF8', 1007],
    ['a reason that is not UTF-8', frame(CLOSE, Uint8Array.of(3, 0xe8, 0xff)), 'INVALID_UTF8', 1007],
  ])('%s', async (_, bytes, failure, code) => {
    expect(await outcome(bytes)).toEqual([failure, code]);
  });

  test.each([
    2n ** 31n - 1n,
    2n ** 31n,
    2n ** 32n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 63n,
    2n ** 64n - 1n,
  ])('the length %d, in one piece or byte by byte, on a first frame or a continuation', async (length) => {
    const wanted =
      length >= 2n ** 63n
        ? [['LENGTH_OUT_OF_RANGE', 1002]]
        : [
            ['MESSAGE_TOO_BIG', 1009],
            ['LENGTH_OUT_OF_RANGE', 1002],
          ];
    const header = header64(BINARY, length);
    expect(wanted).toContainEqual(await outcome(header));
    expect(wanted).toContainEqual(await outcome([...header].map((byte) => Buffer.from([byte]))));
    expect(wanted).toContainEqual(await outcome(Buffer.concat([frame(0x02, 'x'), header64(0x80, length)])));
  });
});

describe('amounts', () => {
  test('a message beyond maxMessageSize is refused by its header', async () => {
    expect(await outcome(header64(BINARY, 17n * 1024n * 1024n))).toEqual(['MESSAGE_TOO_BIG', 1009]);
    expect(await outcome(frame(TEXT, 'x'.repeat(101)), { limits: { maxMessageSize: 100 } })).toEqual([
      'MESSAGE_TOO_BIG',
      1009,
    ]);
  });

  test.each([0, 1])('fragments of %d bytes without end are counted', async (size) => {
    const fragment = frame(0x00, 'x'.repeat(size));
    const fragments = Buffer.concat([frame(0x02, ''), ...Array.from({ length: 150_000 }, () => fragment)]);
    expect(await outcome(fragments)).toEqual(['TOO_MANY_FRAGMENTS', 1008]);
  });

  test('150,000 whole messages are fine', async () => {
    const count = 150_000;
    const { port } = await rawServer((socket) => {
      socket.end(Buffer.concat([...Array.from({ length: count }, () => frame(TEXT, 'x')), frame(CLOSE)]));
    });
    const socket = connect(`ws://127.0.0.1:${port}/`);
    let received = 0;
    socket.onmessage = () => received++;
    await closeOf(socket);
    expect(received).toBe(count);
  });

  test('a flood of Pings is cut off', async () => {
    const flood = Buffer.concat(Array.from({ length: 2000 }, () => frame(PING, 'x')));
    expect(await outcome(flood)).toEqual(['TOO_MANY_CONTROL_FRAMES', 1008]);
  });

  test.each(['whole', 'in fragments'])('a bomb of 1000 to 1, %s, is not inflated beyond the limit', async (how) => {
    const size = 256 * 1024 * 1024;
    const compressed = deflateRawSync(Buffer.alloc(size), { finishFlush: 2 }).subarray(0, -4);
    const half = compressed.length >> 1;
    const bytes =
      how === 'whole'
        ? frame(0xc2, compressed)
        : Buffer.concat([frame(0x42, compressed.subarray(0, half)), frame(0x80, compressed.subarray(half))]);
    const { port } = await tcpServer((socket) =>
      onRequest(socket, (request) => {
        socket.write(switching(request, 'Sec-WebSocket-Extensions: permessage-deflate'));
        socket.write(bytes);
        socket.on('data', () => socket.end());
      }),
    );
    const before = process.memoryUsage().rss;
    const socket = connect(`ws://127.0.0.1:${port}/`, { deflate: {} });
    expect((await closeOf(socket)).failure).toMatchObject({ code: 'MESSAGE_TOO_BIG' });
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
  });

  test('nonsense in a compressed message fails with 1007', async () => {
    const { port } = await tcpServer((socket) =>
      onRequest(socket, (request) => {
        socket.write(switching(request, 'Sec-WebSocket-Extensions: permessage-deflate'));
        socket.end(frame(0xc1, Uint8Array.of(0xff, 0xff, 0xff)));
      }),
    );
    const event = await closeOf(connect(`ws://127.0.0.1:${port}/`, { deflate: {} }));
    expect(event.failure).toMatchObject({ code: 'INVALID_DEFLATE' });
  });

  test('a Ping between the fragments of a compressed message is answered', async () => {
    const compressed = deflateRawSync('hello', { finishFlush: 2 }).subarray(0, -4);
    let peer: Socket | undefined;
    const { port } = await tcpServer((socket) =>
      onRequest(socket, (request) => {
        peer = socket;
        socket.write(switching(request, 'Sec-WebSocket-Extensions: permessage-deflate'));
      }),
    );
    const socket = await open(`ws://127.0.0.1:${port}/`, { deflate: {} });
    for (let round = 0; round < 2; round++) {
      const answered = new Promise<Buffer>((resolve) => peer?.once('data', resolve));
      peer?.write(Buffer.concat([frame(0x41, compressed.subarray(0, 3)), frame(PING, 'p')]));
      expect((await answered)[0]).toBe(0x8a);
      peer?.write(frame(0x80, compressed.subarray(3)));
      expect(await messageOf(socket)).toBe('hello');
    }
  });
});
