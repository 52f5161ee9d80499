import { describe, expect, it } from 'vitest';
import { BINARY, CONTINUATION, Endpoint, frame, promptCodec, TEXT } from './support.ts';

const lending = { lendBinary: true };
const payload = Buffer.alloc(5000, 'tidewire');

/** What the handler is given of `bytes`, coming as one chunk: what it is at that time, and where it is kept. */
function given(endpoint: Endpoint, bytes: Uint8Array) {
  const messages: { text: string; isLent: boolean; isView: boolean }[] = [];
  endpoint.onMessage = (data, isLent) => {
    const isView = typeof data !== 'string' && data.buffer === bytes.buffer;
    messages.push({ text: String(data), isLent, isView });
  };
  endpoint.connection.receive(bytes);
  return messages;
}

describe.each(['server', 'client'] as const)('a binary message to a %s that is whole in the chunk', (role) => {
  const masked = role === 'server';

  it('is lent, as a view of the chunk, where that was asked for', () => {
    const chunk = Buffer.concat([frame(BINARY, 'first', { masked }), frame(BINARY, payload, { masked })]);
    expect(given(new Endpoint(role, lending), chunk)).toEqual([
      { text: 'first', isLent: true, isView: true },
      { text: String(payload), isLent: true, isView: true },
    ]);
  });

  it('is the handler’s own where it was not', () => {
    for (const options of [{}, { lendBinary: false }]) {
      const endpoint = new Endpoint(role, options);
      const chunk = frame(BINARY, payload, { masked });
      expect(given(endpoint, chunk)).toEqual([{ text: String(payload), isLent: false, isView: false }]);
      chunk.fill(0);
      expect(String(endpoint.messages[0])).toBe(String(payload));
    }
  });

  it('may be sent while it is lent', () => {
    const near = new Endpoint(role, lending);
    const far = new Endpoint(masked ? 'client' : 'server');
    near.onMessage = (data) => near.connection.send(data);
    for (const size of [0, 10, 5000, 65_000, 65_535, 65_536, 100_000]) {
      const data = Buffer.alloc(size, `${size}`);
      const chunk = frame(BINARY, data, { masked });
      near.connection.receive(chunk);
      // Somebody else's bytes are read into the chunk before it has been written out.
      chunk.fill(0);
      far.receive(Buffer.concat(near.written.splice(0)));
      expect(Buffer.compare(Buffer.from(far.messages.pop() ?? 'none'), data)).toBe(0);
    }
  });
});

describe('what is not lent, even where that was asked for:', () => {
  it.each([
    ['text', [frame(TEXT, payload)]],
    ['a message in fragments', [frame(BINARY, payload, { fin: false }), frame(CONTINUATION, payload)]],
    ['a message that is cut', [frame(BINARY, payload).subarray(0, 100), frame(BINARY, payload).subarray(100)]],
    ['64 KiB and more, which `send` would not copy', [frame(BINARY, Buffer.alloc(65_536))]],
  ])('%s', (_, chunks) => {
    const server = new Endpoint('server', lending);
    const messages = chunks.flatMap((chunk) => given(server, Buffer.from(chunk)));
    expect(messages).toMatchObject([{ isLent: false, isView: false }]);
  });

  it('a compressed message', () => {
    const deflate = {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    };
    const server = new Endpoint('server', { ...lending, deflate });
    const compressed = promptCodec.createDeflater(15, false).deflate(payload);
    const messages = given(server, frame(BINARY, compressed, { rsv: 4 }));
    expect(messages).toEqual([{ text: String(payload), isLent: false, isView: false }]);
  });
});
