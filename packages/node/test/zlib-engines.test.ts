import { createHook } from 'node:async_hooks';
import { constants, createInflateRaw, deflateRawSync } from 'node:zlib';
import { nodePlatform, oneShotCodec, stayingCodec } from '@tidewire/node';
import type { DeflateCodec } from '@tidewire/protocol';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

const LIMIT = 10_000_000;
const parameters = { seed: 20_261_121, numRuns: 60 };

const syncFlushed = (data: Uint8Array) => deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
const invalid = Uint8Array.of(0xff, 0xff);
const cutOff = syncFlushed(Buffer.from('a message that is cut off, a message that is cut off')).subarray(0, 20);
const bomb = syncFlushed(Buffer.alloc(1_000_000));

/** How many engines of zlib are made by `action`. */
function enginesMadeBy(action: () => void): number {
  let made = 0;
  const hook = createHook({
    init: (_, type) => {
      if (type === 'ZLIB') made++;
    },
  }).enable();
  action();
  hook.disable();
  return made;
}

/** `toEqual` looks at bytes one by one, slowly. */
function expectSame(result: Uint8Array | string | undefined, wanted: Uint8Array): void {
  expect(result).toBeInstanceOf(Uint8Array);
  expect(result instanceof Uint8Array && Buffer.compare(result, wanted)).toBe(0);
}

/** Bytes with a good deal of repetition, of several sizes. */
const message = fc
  .tuple(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 1, max: 400 }), fc.integer())
  .map(([size, variety, seed]) =>
    Buffer.from(Array.from({ length: size }, (_, i) => noise(seed + (i % variety)) >>> 24)),
  );

function noise(seed: number): number {
  return Math.imul(seed ^ (seed >>> 15), 2_654_435_761) >>> 0;
}

describe("Node's engines of zlib", () => {
  it('are not made anew for each message, nor for each connection that takes over no context', () => {
    const roundTrip = (codec: DeflateCodec | undefined) => {
      const compressed = codec?.createDeflater(15, false).deflate(Buffer.from('twice a day, twice a day'));
      expect(codec?.createInflater(15, false).inflate(compressed ?? invalid, LIMIT)).toHaveLength(24);
    };
    roundTrip(nodePlatform.deflate);
    expect(enginesMadeBy(() => roundTrip(nodePlatform.deflate))).toBe(0);
    expect(enginesMadeBy(() => roundTrip(oneShotCodec))).toBe(2);
  });

  it('give a message the bytes that an engine of its own would, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(message, fc.integer({ min: 8, max: 15 })), { maxLength: 5 }), (messages) => {
        for (const [data, windowBits] of messages) {
          const compressed = stayingCodec.createDeflater(windowBits, false).deflate(data);
          expectSame(compressed, oneShotCodec.createDeflater(windowBits, false).deflate(data));
        }
      }),
      parameters,
    );
  });

  it('carry nothing from one connection to another, whatever is wrong with what they are given', () => {
    const whole = Buffer.from('a message that is whole');
    const event = fc.oneof(
      fc.record({ data: message, takesOver: fc.boolean(), connection: fc.integer({ min: 0, max: 3 }) }),
      fc.constantFrom(invalid, cutOff, bomb),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), fc.integer({ min: 8, max: 15 }), (events, windowBits) => {
        const inflaters = Array.from({ length: 4 }, () => stayingCodec.createInflater(windowBits, true));
        const deflaters = Array.from({ length: 4 }, () => stayingCodec.createDeflater(windowBits, true));
        for (const each of events) {
          if (each instanceof Uint8Array) {
            const outcome = stayingCodec.createInflater(windowBits, false).inflate(each, 1000);
            expect(outcome).toBe(each === bomb ? 'too-large' : 'invalid');
            continue;
          }
          const { data, takesOver, connection } = each;
          const [deflater, inflater] = takesOver
            ? [deflaters[connection], inflaters[connection]]
            : [stayingCodec.createDeflater(windowBits, false), stayingCodec.createInflater(windowBits, false)];
          expectSame(inflater?.inflate(deflater?.deflate(data) ?? invalid, data.length), data);
        }
        const last = stayingCodec.createInflater(windowBits, false).inflate(syncFlushed(whole), whole.length);
        expect(last).toEqual(whole);
      }),
      parameters,
    );
  });

  it.each([1, 65_535, 65_536, 65_537, 131_072, 1_000_000])('hand out %i bytes and take them back', (size) => {
    const data = Buffer.from(Array.from({ length: size }, (_, i) => noise(i) >>> 24));
    for (const each of [data, Buffer.alloc(size, 'x')]) {
      for (const takesOver of [false, true]) {
        const deflater = stayingCodec.createDeflater(15, takesOver);
        const inflater = stayingCodec.createInflater(15, takesOver);
        for (let round = 0; round < 2; round++) {
          expectSame(inflater.inflate(deflater.deflate(each), size), each);
          expect(stayingCodec.createInflater(15, false).inflate(syncFlushed(each), size - 1)).toBe('too-large');
        }
      }
    }
  });

  it('own what they hand out', () => {
    const [first, second] = [Buffer.from('the first message'), Buffer.from('another message')];
    const deflater = stayingCodec.createDeflater(15, false);
    const inflater = stayingCodec.createInflater(15, false);
    const compressed = deflater.deflate(first);
    const copy = Buffer.from(compressed);
    const inflated = inflater.inflate(compressed, LIMIT);
    inflater.inflate(deflater.deflate(second), LIMIT);
    expect(compressed).toEqual(copy);
    expect(inflated).toEqual(first);
  });

  it('are bounded in number, and connections without one go on from their windows', () => {
    const connections = Array.from({ length: 300 }, (_, i) => ({
      deflater: stayingCodec.createDeflater(15, true),
      inflater: stayingCodec.createInflater(15, true),
      text: Buffer.from(Array.from({ length: 60 }, (_, j) => noise(i * 1000 + j).toString(36)).join(' ')),
    }));
    const send = (each: (typeof connections)[number] | undefined) => {
      if (each === undefined) throw new Error('There are 300');
      const { deflater, inflater, text } = each;
      const compressed = deflater.deflate(text);
      expect(inflater.inflate(compressed, LIMIT)).toEqual(text);
      return compressed.length;
    };
    for (const each of connections) expect(send(each)).toBeGreaterThan(200);
    // The last to send still have theirs; the first do not, but refer to what they have sent all the same.
    expect(enginesMadeBy(() => expect(send(connections[299])).toBeLessThan(20))).toBe(0);
    expect(enginesMadeBy(() => expect(send(connections[0])).toBeLessThan(20))).toBe(1);
  });

  it('are left where Node does not let them be reset', async () => {
    const prototype = Object.getPrototypeOf(Reflect.get(createInflateRaw(), '_handle'));
    const { reset } = prototype;
    prototype.reset = undefined;
    try {
      vi.resetModules();
      const { nodePlatform: platform } = await import('@tidewire/node');
      const codec = platform.deflate;
      const message = Buffer.from('twice a day, twice a day');
      const roundTrip = () => {
        const compressed = codec?.createDeflater(15, false).deflate(message) ?? invalid;
        expect(codec?.createInflater(15, false).inflate(compressed, LIMIT)).toEqual(message);
      };
      roundTrip();
      expect(enginesMadeBy(roundTrip)).toBe(2);
    } finally {
      prototype.reset = reset;
    }
  });
});
