import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BINARY, CONTINUATION, Endpoint, exchange, frame, TEXT } from './support.ts';

// fast-check prints the seed and the path of a failure; the seed here makes every run the same.
const parameters = { seed: 20_261_121, numRuns: 300 };

const deflate = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 12,
  clientMaxWindowBits: 15,
};
const message = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.uint8Array({ maxLength: 300 }));
const comparable = (data: string | Uint8Array) => (typeof data === 'string' ? data : [...data]);

/** Cuts bytes into pieces whose sizes are taken in turn from `sizes`. */
function* cut(bytes: Uint8Array, sizes: number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('for all inputs', () => {
  it('messages in any fragments, cut in any way, come out the same', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 8 }),
        fc
          .array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 5 })
          .filter((sizes) => sizes.some((size) => size > 0)),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
        (messages, fragmentSizes, chunkSizes) => {
          const server = new Endpoint('server');
          const wire = messages.flatMap((data) => {
            const fragments = [...cut(Buffer.from(data), fragmentSizes)];
            if (fragments.length === 0) fragments.push(Buffer.alloc(0));
            return fragments.map((fragment, i) => {
              const opcode = i > 0 ? CONTINUATION : typeof data === 'string' ? TEXT : BINARY;
              return frame(opcode, fragment, { fin: i === fragments.length - 1 });
            });
          });
          for (const chunk of cut(Buffer.concat(wire), chunkSizes)) server.connection.receive(Buffer.from(chunk));
          expect(server.messages.map(comparable)).toEqual(messages.map(comparable));
        },
      ),
      parameters,
    );
  });

  it('what one side sends the other receives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(message, fc.boolean(), fc.boolean()), { maxLength: 8 }),
        fc.boolean(),
        (messages, compressed) => {
          const options = compressed ? { deflate, compressionThreshold: 20 } : {};
          const server = new Endpoint('server', options);
          const client = new Endpoint('client', options);
          for (const [data, compress, flush] of messages) {
            server.connection.send(data, { compress });
            client.connection.send(data, { compress });
            if (flush) exchange(server, client);
          }
          exchange(server, client);
          const sent = messages.map(([data]) => comparable(data));
          expect(server.messages.map(comparable)).toEqual(sent);
          expect(client.messages.map(comparable)).toEqual(sent);
        },
      ),
      parameters,
    );
  });

  it('no bytes make the machine throw, loop, or come back to life', () => {
    const nearlyFrames = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc
          .record({
            opcode: fc.integer({ min: 0, max: 15 }),
            payload: fc.uint8Array({ maxLength: 130 }),
            fin: fc.boolean(),
            rsv: fc.constantFrom(0, 0, 0, 4, 1),
            masked: fc.constantFrom(true, true, true, false),
          })
          .map(({ opcode, payload, ...rest }) => Uint8Array.from(frame(opcode, payload, rest))),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(nearlyFrames, fc.boolean(), (chunks, compressed) => {
        const server = new Endpoint('server', compressed ? { deflate } : {});
        for (const chunk of chunks) {
          const { state } = server.connection;
          server.connection.receive(chunk.slice());
          if (state === 'FAILED' || state === 'CLOSE_DONE') expect(server.connection.state).toBe(state);
        }
        server.connection.ended();
        server.connection.gone();
        expect(server.connection.state).toBe('CLOSED');
        expect(server.closes).toHaveLength(1);
      }),
      { ...parameters, numRuns: 2000 },
    );
  });
});
