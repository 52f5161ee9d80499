import { decodeClientMessage, encodeClientMessage } from '@tidewire/console/chat-messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageName, problemWith, readImage } from '../../src/chat/image-file.ts';

const file = (name: string, type: string, size: number) => new File([new Uint8Array(size)], name, { type });

describe('a file for the room', () => {
  it('is an image of a known type, not empty and not too large', () => {
    expect(problemWith(file('a.png', 'image/png', 10), 10)).toBeUndefined();
    expect(problemWith(file('a.svg', 'image/svg+xml', 10), 10)).toMatch('a.svg is not a PNG');
    expect(problemWith(file('a.png', 'image/png', 0), 10)).toBe('a.png is empty');
    expect(problemWith(file('a.png', 'image/png', 2048), 1024)).toBe('a.png has 2.0 KiB; the room takes 1.0 KiB');
  });

  it('becomes a message with its bytes', async () => {
    const image = await readImage(new File([Uint8Array.of(1, 2)], ' a\nb.gif', { type: 'image/gif' }));
    expect(image).toEqual({ type: 'image', name: 'ab.gif', mime: 'image/gif', bytes: Uint8Array.of(1, 2) });
  });

  it('has a name that the server takes, whatever it was called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const image = { type: 'image', name: imageName(name), mime: 'image/png', bytes: Uint8Array.of(1) } as const;
        expect(decodeClientMessage(encodeClientMessage(image))).toEqual({ ok: true, message: image });
      }),
      { numRuns: 200 },
    );
  });
});
