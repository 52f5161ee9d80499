import type { Pipe } from '@tidewire/protocol';
import { describe, expect, it } from 'vitest';
import { SmallConnection } from '../../src/browser/small-connection.ts';
import { BINARY, closeFrame, frame, PING, TEXT } from '../support/servers.ts';

// The engine that a page has over a tunnel, byte by byte: what a server of ours never sends.

interface Run {
  readonly connection: SmallConnection;
  /** Messages, then `closing`, then what `close` said. */
  readonly heard: unknown[];
  readonly pipe: Pipe & { readonly sent: Uint8Array[]; readonly calls: string[]; waiting: number };
}

function run(): Run {
  const sent: Uint8Array[] = [];
  const calls: string[] = [];
  const heard: unknown[] = [];
  const pipe = {
    sent,
    calls,
    waiting: 0,
    get bufferedAmount() {
      return this.waiting;
    },
    write: (bytes: Uint8Array) => void sent.push(bytes),
    writeAll: (pieces: Uint8Array[]) => void sent.push(...pieces),
    requestFlush: () => {},
    end: () => void calls.push('end'),
    destroy: () => void calls.push('destroy'),
  };
  const connection = new SmallConnection(pipe, {
    message: (data) => heard.push(typeof data === 'string' ? data : [...data]),
    closing: () => heard.push('closing'),
    close: (...event) => heard.push(event),
  });
  return { connection, heard, pipe };
}

/** What a frame of ours says: its first byte, and its payload without the mask. */
function unmasked(bytes: Uint8Array): { first: number | undefined; payload: Buffer } {
  const key = bytes.subarray(2, 6);
  return { first: bytes[0], payload: Buffer.from(bytes.subarray(6).map((byte, i) => byte ^ (key[i % 4] ?? 0))) };
}

const masked = Buffer.from([TEXT, 0x81, 0, 0, 0, 0, 0x78]);
const header64 = (length: bigint) => {
  const bytes = Buffer.alloc(10);
  bytes.set([BINARY, 127]);
  bytes.writeBigUInt64BE(length, 2);
  return bytes;
};

describe('the engine for pages', () => {
  it('takes messages, fragmented or not, however they are cut', () => {
    const bytes = Buffer.concat([
      frame(TEXT, 'ü'),
      frame(0x01, 'a'),
      frame(PING, 'p'),
      frame(0x00, ''),
      frame(0x80, 'b'),
      frame(BINARY, 'c'),
      frame(0x02, ''),
      frame(0x80, ''),
      frame(BINARY, 'x'.repeat(70_000)),
    ]);
    for (const size of [1, 7, bytes.length]) {
      const { connection, heard, pipe } = run();
      for (let at = 0; at < bytes.length; at += size) connection.receive(bytes.subarray(at, at + size));
      connection.flush();
      expect(heard.slice(0, 4)).toEqual(['ü', 'ab', [0x63], []]);
      expect((heard[4] as number[]).length).toBe(70_000);
      expect(pipe.sent.map(unmasked)).toEqual([{ first: 0x8a, payload: Buffer.from('p') }]);
    }
  });

  it.each<[string, number, Uint8Array]>([
    ['a masked frame', 1002, masked],
    ['a reserved bit', 1002, frame(0xc1, 'x')],
    ['a reserved opcode', 1002, frame(0x83, 'x')],
    ['a control frame in fragments', 1002, frame(0x09, '')],
    ['a continuation of nothing', 1002, frame(0x80, 'x')],
    ['a message within a message', 1002, Buffer.concat([frame(0x01, 'x'), frame(TEXT, 'x')])],
    ['text that is no UTF-8', 1007, frame(TEXT, Buffer.from([0xc3]))],
    ['a message beyond 100 MiB, by its header', 1009, header64(100n * 1024n * 1024n + 1n)],
    ['a length of 64 bits', 1002, header64(1n << 63n)],
    ['a Close frame of one byte', 1002, frame(0x88, 'x')],
    ['a close code that may not be sent', 1002, closeFrame(1006)],
    ['a reason that is no UTF-8', 1007, frame(0x88, Buffer.from([3, 232, 0xff]))],
  ])('fails for %s with %i, and takes nothing after it', (_, code, bytes) => {
    const { connection, heard, pipe } = run();
    connection.receive(Buffer.concat([bytes, frame(TEXT, 'later')]));
    connection.receive(frame(TEXT, 'later still'));
    const [close, ...more] = pipe.sent.map(unmasked);
    expect(close).toEqual({ first: 0x88, payload: Buffer.from([code >> 8, code & 0xff]) });
    expect(more).toEqual([]);
    connection.gone();
    expect([heard, pipe.calls]).toEqual([['closing', [1006, '', false]], ['end']]);
  });

  it('answers a Close frame with its code, and tells both', () => {
    const { connection, heard, pipe } = run();
    connection.receive(Buffer.concat([frame(TEXT, 'x'), closeFrame(4001, 'ü'), frame(TEXT, 'later')]));
    expect(pipe.sent.map(unmasked)).toEqual([{ first: 0x88, payload: Buffer.from([0x0f, 0xa1]) }]);
    connection.ended();
    connection.gone();
    expect(heard).toEqual(['x', 'closing', [4001, 'ü', true]]);
    expect(connection.send('too late')).toBe('closed');
  });

  it('takes messages until its own Close frame is answered, and counts what waits', () => {
    const { connection, heard, pipe } = run();
    expect([connection.send('abc'), connection.bufferedAmount]).toEqual(['written', 9]);
    connection.close(3000, 'ü');
    expect(pipe.sent.map(unmasked)).toEqual([
      { first: TEXT, payload: Buffer.from('abc') },
      { first: 0x88, payload: Buffer.from([0x0b, 0xb8, 0xc3, 0xbc]) },
    ]);
    connection.receive(Buffer.concat([frame(TEXT, 'last'), frame(PING, 'x'), frame(0x88, '')]));
    connection.gone();
    expect(heard).toEqual(['closing', 'last', [1005, '', true]]);
    expect(pipe.sent).toHaveLength(2);
  });

  it('does not answer Pings while much waits', () => {
    const { connection, pipe } = run();
    pipe.waiting = 65_537;
    connection.receive(frame(PING, 'x'));
    connection.flush();
    expect(pipe.sent).toEqual([]);
  });
});
