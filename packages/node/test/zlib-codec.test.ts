import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { oneShotCodec, stayingCodec } from '@tidewire/node';
import { describe, expect, it } from 'vitest';

const LIMIT = 1_000_000;

const syncFlushed = (text: string) => deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
const final = (text: string) => deflateRawSync(text);

describe.each([
  ['engines that stay', stayingCodec],
  ['an engine for each message', oneShotCodec],
])('with %s,', (_, codec) => {
  function inflate(message: Uint8Array, { windowBits = 15, limit = LIMIT } = {}): string {
    const result = codec.createInflater(windowBits, false).inflate(message, limit);
    return result instanceof Uint8Array ? Buffer.from(result).toString() : String(result);
  }

  describe('inflating', () => {
    // The examples of RFC 7692, 7.2.3.
    it.each([
      ['one block', [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], 'Hello'],
      ['a block without compression', [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00], 'Hello'],
      ['a block with BFINAL set', [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00], 'Hello'],
      ['two blocks', [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00], 'Hello'],
      ['the empty message', [0x00], ''],
      ['an empty payload', [], ''],
    ])('takes %s', (_, bytes, text) => {
      expect(inflate(Uint8Array.from(bytes))).toBe(text);
    });

    it('takes over context from message to message', () => {
      const inflater = codec.createInflater(15, true);
      const hello = Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00);
      const again = Uint8Array.of(0xf2, 0x00, 0x11, 0x00, 0x00);
      expect(String(inflater.inflate(hello, LIMIT))).toBe('Hello');
      expect(String(inflater.inflate(again, LIMIT))).toBe('Hello');
      expect(codec.createInflater(15, false).inflate(again, LIMIT)).toBe('invalid');
    });

    it('loses nothing behind blocks with BFINAL set, however many', () => {
      const empty = Buffer.from([0x00]);
      expect(inflate(Buffer.concat([final('one '), final('two '), syncFlushed('three')]))).toBe('one two three');
      expect(inflate(Buffer.concat([final('one '), final('two'), empty]))).toBe('one two');
      expect(inflate(final('without the block that should follow'))).toBe('without the block that should follow');
      const inflater = codec.createInflater(15, true);
      expect(String(inflater.inflate(Buffer.concat([final('abcdefgh '), syncFlushed('abcdefgh')]), LIMIT))).toBe(
        'abcdefgh abcdefgh',
      );
    });

    it('takes no message of a great many final blocks, each of which would cost time', () => {
      const blocks = (count: number) => Buffer.concat([...Array<Buffer>(count).fill(final('x')), syncFlushed('y')]);
      expect(inflate(blocks(60))).toBe(`${'x'.repeat(60)}y`);
      expect(inflate(blocks(100))).toBe('invalid');
      expect(inflate(blocks(100_000))).toBe('invalid');
    });

    it('does not take a message that is cut off for a whole one', () => {
      const whole = syncFlushed('a message long enough to be cut: a message long enough to be cut');
      let cut = 0;
      for (let size = 1; size < whole.length - 1; size++) if (inflate(whole.subarray(0, size)) === 'invalid') cut++;
      expect(cut).toBe(whole.length - 2);
    });

    it('tells what is not DEFLATE', () => {
      for (const bytes of [[0xff], [0x07], [0x01, 0x02, 0x03, 0x04, 0x05]])
        expect(inflate(Uint8Array.from(bytes))).toBe('invalid');
    });

    it('stops at the limit, with blocks behind BFINAL counted in', () => {
      const ten = syncFlushed('0123456789');
      expect(inflate(ten, { limit: 10 })).toBe('0123456789');
      expect(inflate(ten, { limit: 9 })).toBe('too-large');
      const twice = Buffer.concat([final('0123456789'), ten]);
      expect(inflate(twice, { limit: 20 })).toBe('01234567890123456789');
      expect(inflate(twice, { limit: 19 })).toBe('too-large');
      expect(inflate(twice, { limit: 10 })).toBe('too-large');
      const bomb = syncFlushed('\0'.repeat(50_000_000));
      const before = process.memoryUsage().arrayBuffers;
      expect(inflate(bomb, { limit: 100_000 })).toBe('too-large');
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
      expect(inflate(ten, { limit: Number.POSITIVE_INFINITY })).toBe('0123456789');
    });
  });

  describe('deflating', () => {
    const words = Array.from({ length: 4000 }, (_, i) => `${Math.imul(i + 1, 2654435761) >>> 20}`).join(' ');

    it.each([8, 9, 10, 11, 12, 13, 14, 15])('keeps to a window of %i bits, with and without context', (windowBits) => {
      for (const contextTakeover of [false, true]) {
        const deflater = codec.createDeflater(windowBits, contextTakeover);
        const inflater = codec.createInflater(windowBits, contextTakeover);
        for (const text of ['', 'short', words, words, 'short', words.slice(0, 700)]) {
          const compressed = deflater.deflate(Buffer.from(text));
          expect(String(inflater.inflate(compressed, LIMIT))).toBe(text);
        }
      }
    });

    it('ends each message as RFC 7692, 7.2.1 wants', () => {
      const deflater = codec.createDeflater(15, true);
      const wire: Buffer[] = [];
      for (const text of ['one', 'two', 'three'])
        wire.push(Buffer.from(deflater.deflate(Buffer.from(text))), Buffer.from([0, 0, 255, 255]));
      const all = inflateRawSync(Buffer.concat(wire), { finishFlush: constants.Z_SYNC_FLUSH });
      expect(String(all)).toBe('onetwothree');
    });

    it('never refers back further than 256 bytes with 8 bits', () => {
      expect(codec.minDeflateWindowBits).toBe(8);
      for (const contextTakeover of [false, true]) {
        const deflater = codec.createDeflater(8, contextTakeover);
        let history = Buffer.alloc(0);
        for (let start = 0; start < words.length; start += 700) {
          const text = Buffer.from(words.slice(Math.max(0, start - 300), start + 700));
          const compressed = Buffer.concat([deflater.deflate(text), Buffer.from([0, 0, 255, 255])]);
          const dictionary = contextTakeover ? history.subarray(-256) : Buffer.alloc(0);
          // An output buffer of 64 bytes makes zlib look each reference up in its window of 256.
          const options = { windowBits: 8, chunkSize: 64, finishFlush: constants.Z_SYNC_FLUSH };
          expect(inflateRawSync(compressed, dictionary.length > 0 ? { ...options, dictionary } : options)).toEqual(
            text,
          );
          history = Buffer.concat([history, text]);
        }
      }
    });
  });
});
