import {
  type ClientMessage,
  chatLimits,
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
  imageTypes,
  type ServerMessage,
} from '@tidewire/console/chat-messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const line = (maxLength: number) =>
  fc
    .string({ minLength: 1, maxLength, unit: 'grapheme' })
    .map((text) =>
      text
        .slice(0, maxLength)
        .replace(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu, '')
        .trim(),
    )
    .filter((text) => text !== '');
const member = fc.record({ id: fc.string({ minLength: 1, maxLength: 64 }), name: line(chatLimits.name) });
const at = fc.maxSafeNat();
const count = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ minLength: 1, maxLength: chatLimits.text, unit: 'binary' }).map((s) => s.slice(0, 4000));
const image = {
  type: fc.constant('image' as const),
  name: line(chatLimits.imageName),
  mime: fc.constantFrom(...imageTypes),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 2000 }),
};

const clientMessage: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom('join' as const, 'rename' as const), name: line(chatLimits.name) }),
  fc.record({ type: fc.constant('say' as const), text }),
  fc.record(image),
);
const serverMessage: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('welcome' as const),
    you: member,
    members: fc.array(member),
    limits: fc.record({ text: count, image: count }),
  }),
  fc.record({ type: fc.constantFrom('joined' as const, 'left' as const), member, at }),
  fc.record({ type: fc.constant('renamed' as const), member, before: line(chatLimits.name), at }),
  fc.record({ type: fc.constant('said' as const), from: member, text, at }),
  fc.record({
    type: fc.constant('refused' as const),
    code: fc.string({ minLength: 1, maxLength: 64 }),
    message: fc.string({ minLength: 1, maxLength: 1000 }),
  }),
  fc.record({ ...image, from: member, at }),
);

const refusal = (error: unknown) => ({ ok: false, error });

describe('a message of the chat', () => {
  it('comes out of the decoder as it went into the encoder, from a client', () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        expect(decodeClientMessage(encodeClientMessage(message))).toEqual({ ok: true, message });
      }),
    );
  });

  it('comes out of the decoder as it went into the encoder, from a server', () => {
    fc.assert(
      fc.property(serverMessage, (message) => {
        expect(decodeServerMessage(encodeServerMessage(message))).toEqual({ ok: true, message });
      }),
    );
  });

  it('is text as JSON with a type', () => {
    expect(encodeClientMessage({ type: 'say', text: 'Hi' })).toBe('{"type":"say","text":"Hi"}');
  });

  it('is binary for an image: the length of the header, the header, the bytes', () => {
    const header = '{"type":"image","name":"a.png","mime":"image/png"}';
    const bytes = encodeClientMessage({ type: 'image', name: 'a.png', mime: 'image/png', bytes: Uint8Array.of(1, 2) });
    expect([...bytes]).toEqual([0, header.length, ...new TextEncoder().encode(header), 1, 2]);
  });

  it('loses what its type does not have', () => {
    const message = decodeClientMessage('{"type":"join","name":"Ann","admin":true,"__proto__":{"ok":false}}');
    expect(message).toEqual({ ok: true, message: { type: 'join', name: 'Ann' } });
  });
});

describe('a decoder', () => {
  const values = fc.oneof(fc.anything(), fc.string(), fc.json(), fc.uint8Array({ maxLength: 300 }));

  it('answers anything with a result and does not throw', () => {
    fc.assert(
      fc.property(values, (value) => {
        for (const decoded of [decodeClientMessage(value), decodeServerMessage(value)]) {
          if (!decoded.ok) expect(decoded.error).toMatch(/^\S.+\S$/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('survives messages in which any property has become something else', () => {
    const broken = fc.tuple(fc.oneof(clientMessage, serverMessage), fc.nat(), fc.anything());
    fc.assert(
      fc.property(broken, ([message, index, value]) => {
        const keys = Object.keys(message);
        const json = JSON.stringify({ ...message, [keys[index % keys.length] ?? '']: value }, (_, part) =>
          typeof part === 'bigint' ? String(part) : part,
        );
        expect(decodeClientMessage(json).ok).toBeTypeOf('boolean');
        expect(decodeServerMessage(json).ok).toBeTypeOf('boolean');
      }),
      { numRuns: 1000 },
    );
  });

  it('survives an image that is cut anywhere or has any bit turned', () => {
    const whole = encodeServerMessage({
      type: 'image',
      from: { id: '1', name: 'Ann' },
      at: 1,
      name: 'a.png',
      mime: 'image/png',
      bytes: Uint8Array.of(7),
    });
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeServerMessage(whole.subarray(0, length)).ok).toBe(false);
    }
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const turned = whole.slice();
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeServerMessage(turned).ok).toBeTypeOf('boolean');
    }
  });

  it('reads an image that is a view on a larger buffer', () => {
    const message = { type: 'image', name: 'a.gif', mime: 'image/gif', bytes: Uint8Array.of(9, 8) } as const;
    const encoded = encodeClientMessage(message);
    const buffer = new Uint8Array(encoded.length + 10).fill(0xff);
    buffer.set(encoded, 5);
    const decoded = decodeClientMessage(buffer.subarray(5, 5 + encoded.length));
    expect(decoded).toEqual({ ok: true, message });
  });

  it('is not upset by JSON that is nested very deeply', () => {
    expect(decodeClientMessage('['.repeat(100_000)).ok).toBe(false);
    expect(decodeClientMessage(`${'['.repeat(5000)}${']'.repeat(5000)}`)).toEqual(
      refusal('A message must be an object'),
    );
  });

  it.each([null, undefined, 1, {}, [], new ArrayBuffer(4)])('refuses what is neither text nor bytes: %s', (value) => {
    expect(decodeClientMessage(value)).toEqual(refusal('A message must be text or bytes'));
  });

  it.each(['', 'join', '[]', 'null', '"join"', '1', '{}', '{"type":"welcome"}', '{"type":["join"],"name":"Ann"}'])(
    'refuses text that is not a message: %s',
    (json) => {
      expect(decodeClientMessage(json).ok).toBe(false);
    },
  );

  it('does not take a message of the other side', () => {
    expect(decodeServerMessage('{"type":"say","text":"Hi"}').ok).toBe(false);
    expect(decodeClientMessage('{"type":"left","member":{"id":"1","name":"Ann"},"at":1}').ok).toBe(false);
  });
});

describe('a name', () => {
  const join = (name: unknown) => decodeClientMessage(JSON.stringify({ type: 'join', name }));

  it('is trimmed', () => {
    expect(join('  Ann \n')).toEqual({ ok: true, message: { type: 'join', name: 'Ann' } });
  });

  it('has 1 to 32 characters after that', () => {
    expect(join(` ${'n'.repeat(32)} `).ok).toBe(true);
    const error = refusal('name must be text of 1 to 32 characters');
    for (const name of ['n'.repeat(33), '', '   ', undefined, null, 7, ['Ann']]) expect(join(name)).toEqual(error);
  });

  it.each(['A\nB', 'A\u0000', 'A\u007fB', 'A\u0085B', 'A\u202eB', 'A\u2028B', '\ud800'])(
    'has no control characters, line breaks, marks of direction or lone surrogates: %j',
    (name) => {
      expect(join(name)).toEqual(refusal('name must have no control characters'));
    },
  );
});

describe('what is said', () => {
  it('has 1 to 4000 characters, line breaks among them', () => {
    const say = (value: string) => decodeClientMessage(JSON.stringify({ type: 'say', text: value })).ok;
    expect(['a', 'a\nb', 'x'.repeat(4000)].map(say)).toEqual([true, true, true]);
    expect(['', 'x'.repeat(4001)].map(say)).toEqual([false, false]);
  });
});

describe('an image', () => {
  const image = (header: string, bytes: number[], length = header.length) =>
    decodeClientMessage(Uint8Array.of(length >> 8, length & 0xff, ...new TextEncoder().encode(header), ...bytes));

  it('has at least one byte', () => {
    expect(image('{"type":"image","name":"a","mime":"image/png"}', []).ok).toBe(false);
  });

  it.each(['image/svg+xml', 'text/html', 'IMAGE/PNG', ''])('is of a type that cannot hold a script, not %s', (mime) => {
    const error = 'mime must be one of image/png, image/jpeg, image/gif, image/webp, image/avif';
    expect(image(JSON.stringify({ type: 'image', name: 'a', mime }), [1])).toEqual(refusal(error));
  });

  it('has a header that is as long as it says', () => {
    const header = '{"type":"image","name":"a","mime":"image/png"}';
    expect(image(header, [1], header.length).ok).toBe(true);
    expect(image(header, [1], header.length - 1).ok).toBe(false);
    expect(image(header, [1], 0xffff).ok).toBe(false);
    expect(image(header, [1], 0).ok).toBe(false);
  });

  it('has a header in UTF-8', () => {
    const decoded = decodeClientMessage(Uint8Array.of(0, 2, 0xc3, 0x28, 1));
    expect(decoded).toEqual(refusal('The header of an image must be UTF-8'));
  });

  it('is not sent with a header that its length cannot say', () => {
    const message = { type: 'image', name: 'n'.repeat(70_000), mime: 'image/png', bytes: Uint8Array.of(1) } as const;
    expect(() => encodeClientMessage(message)).toThrow(RangeError);
  });
});
