import { createHook } from 'node:async_hooks';
import { constants, deflateRawSync } from 'node:zlib';
import { oneShotCodec, stayingCodec } from '@tidewire/node';
import type { Deflater, Inflated, Inflater, LaterWork } from '@tidewire/protocol';
import { describe, expect, it } from 'vitest';

const LIMIT = 10_000_000;

const syncFlushed = (data: Uint8Array) => deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

/** What it becomes, and whether that took a later turn. */
async function deflate(deflater: Deflater, message: Uint8Array): Promise<[Uint8Array, 'now' | 'later']> {
  return new Promise((resolve, reject) => {
    const now = deflater.beginDeflate?.(message, (result) => (result ? resolve([result, 'later']) : reject(result)));
    if (now instanceof Uint8Array) resolve([now, 'now']);
  });
}

async function inflate(inflater: Inflater, message: Uint8Array, limit = LIMIT): Promise<[string, 'now' | 'later']> {
  const outcome = (inflated: Inflated) =>
    typeof inflated === 'string' ? inflated : Buffer.from(inflated).toString('latin1');
  return new Promise((resolve) => {
    const now = inflater.beginInflate?.(message, limit, (result) => resolve([outcome(result), 'later']));
    if (typeof now === 'string' || now instanceof Uint8Array) resolve([outcome(now), 'now']);
  });
}

/** Words that are seldom the same, as ASCII: about a third of their size once compressed. */
function words(size: number, seed = 1): Buffer {
  const list = Array.from({ length: size / 4 }, (_, i) => (Math.imul(i + seed, 2_654_435_761) >>> 8).toString(36));
  return Buffer.from(list.join(' ').slice(0, size));
}

/** Counts the engines of zlib that are made from here on. */
function countZlib() {
  const made = { count: 0, stop: () => hook.disable() };
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'ZLIB') made.count++;
    },
  }).enable();
  return made;
}

function cancel(work: LaterWork | Inflated | undefined): void {
  if (typeof work !== 'object' || !('cancel' in work)) throw new Error('It was done at once');
  work.cancel();
}

describe.each([
  ['engines that stay', stayingCodec],
  ['an engine for each message', oneShotCodec],
])('with %s, a codec whose user can wait', (_, codec) => {
  it.each([9, 15])(
    'takes large messages to another thread, small ones in between, with windows of %i bits',
    async (bits) => {
      for (const takesOver of [false, true]) {
        const deflater = codec.createDeflater(bits, takesOver);
        const inflater = codec.createInflater(bits, takesOver);
        const sizes: number[] = [];
        for (const size of [1000, 65_535, 65_536, 300, 1_000_000, 300, 400_000, 400_000, 65_536]) {
          // All end alike.
          const message = Buffer.concat([words(size - 300, size), words(300)]);
          const [compressed, when] = await deflate(deflater, message);
          expect(when).toBe(size < 65_536 ? 'now' : 'later');
          sizes.push(compressed.length);
          const [inflated, whenInflated] = await inflate(inflater, compressed);
          expect(inflated === message.toString('latin1')).toBe(true);
          expect(whenInflated).toBe(compressed.length < 65_536 && size <= 256 * 1024 ? 'now' : 'later');
        }
        // Each refers to the one before it, whichever thread that was compressed in.
        for (const i of [3, 5]) expect((sizes[i] ?? 0) < 30).toBe(takesOver && bits === 15);
      }
    },
  );

  it('finds out in the other thread, too, what is too large, cut off or not DEFLATE', async () => {
    const inflater = codec.createInflater(15, false);
    const bomb = syncFlushed(Buffer.alloc(50_000_000));
    const before = process.memoryUsage().arrayBuffers;
    expect(await inflate(inflater, bomb, 1_000_000)).toEqual(['too-large', 'later']);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
    expect(await inflate(inflater, bomb, 100_000)).toEqual(['too-large', 'now']);
    const whole = syncFlushed(words(1_000_000));
    expect(await inflate(inflater, whole, 999_999)).toEqual(['too-large', 'later']);
    expect((await inflate(inflater, whole, 1_000_000))[0]).toHaveLength(1_000_000);
    expect(await inflate(inflater, whole.subarray(0, 100_000))).toEqual(['invalid', 'later']);
    expect(await inflate(inflater, Buffer.alloc(100_000, 0xff))).toEqual(['invalid', 'later']);
  });

  it('loses nothing behind blocks with BFINAL set there, and takes only so many', async () => {
    const one = words(200_000);
    const two = words(200_000, 7);
    const twice = Buffer.concat([deflateRawSync(one), syncFlushed(two)]);
    for (const takesOver of [false, true]) {
      const inflater = codec.createInflater(15, takesOver);
      expect((await inflate(inflater, twice))[0] === `${one}${two}`).toBe(true);
      expect(await inflate(codec.createInflater(15, takesOver), twice, 399_999)).toEqual(['too-large', 'later']);
    }
    const many = (count: number) =>
      Buffer.concat([...Array<Buffer>(count).fill(deflateRawSync('x')), syncFlushed(one)]);
    expect((await inflate(codec.createInflater(15, false), many(60)))[0]).toHaveLength(200_060);
    expect((await inflate(codec.createInflater(15, false), many(100)))[0]).toBe('invalid');
  });

  it('begins anew there with what turns out to be large, knowing what came before it', async () => {
    const [deflater, inflater] = [codec.createDeflater(15, true), codec.createInflater(15, true)];
    const first = words(30_000);
    await inflate(inflater, deflater.deflate(first));
    // Some of it comes before a final block, and all of it is small until it is inflated.
    const start = Buffer.from(deflater.deflate(words(3000)));
    const zeros = Buffer.alloc(300_000);
    const message = Buffer.concat([
      start,
      Buffer.from([0x00, 0x00, 0xff, 0xff]),
      deflateRawSync(zeros),
      syncFlushed(first),
    ]);
    expect(message.length).toBeLessThan(65_536);
    const [inflated, when] = await inflate(inflater, message);
    expect([when, inflated === `${words(3000)}${zeros}${first}`]).toEqual(['later', true]);
  });

  it('gives other work its turn: no more than three messages are under way at a time', async () => {
    const made = countZlib();
    const all = Array.from({ length: 10 }, () => deflate(codec.createDeflater(15, false), words(200_000)));
    const madeAtOnce = made.count;
    const results = await Promise.all(all);
    made.stop();
    expect([madeAtOnce, made.count]).toEqual([3, 10]);
    expect(new Set(results.map(([compressed]) => compressed.length)).size).toBe(1);
  });

  it('does nothing for who has cancelled it, and goes on with what others wait for', async () => {
    const compressed = syncFlushed(words(300_000));
    const made = countZlib();
    const called: string[] = [];
    for (let i = 0; i < 50; i++) {
      for (const takesOver of [false, true]) {
        const deflater = codec.createDeflater(15, takesOver);
        cancel(deflater.beginDeflate?.(words(100_000), () => called.push('deflate')));
        const inflater = codec.createInflater(15, takesOver);
        cancel(inflater.beginInflate?.(compressed, LIMIT, () => called.push('inflate')));
      }
    }
    const [inflated] = await inflate(codec.createInflater(15, false), compressed);
    made.stop();
    expect([inflated.length, made.count, called]).toEqual([300_000, 4, []]);
  });
});
