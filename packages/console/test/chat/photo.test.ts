import { checkMessage } from '@tidewire/console/chat-messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attempts, bytesOf, imageName, PhotoProblem, photoOf } from '../../src/chat/photo.ts';

const PNG = Buffer.from('\x89PNG\r\n\x1a\n...', 'latin1');
const file = (name: string, bytes: Uint8Array<ArrayBuffer>, type = '') => new File([bytes], name, { type });

describe('a file for the room', () => {
  it('goes as it is when it is small enough, by what it is and not by what it is called', async () => {
    const photo = await photoOf(file(' a\nb.gif', new Uint8Array(PNG), 'image/gif'), PNG.length);
    expect(photo).toEqual({ name: 'ab.gif', mime: 'image/png', data: PNG.toString('base64') });
    expect(checkMessage('photo', photo).ok).toBe(true);
    expect(Buffer.from(bytesOf(photo)).equals(PNG)).toBe(true);
  });

  it('goes whole when it is larger than what is read at once', async () => {
    const bytes = new Uint8Array(100_001).map((_, index) => (index < PNG.length ? (PNG[index] ?? 0) : index % 251));
    expect(bytesOf(await photoOf(file('a.png', bytes), bytes.length))).toEqual(bytes);
  });

  it.each([
    ['is empty', new Uint8Array(), 10],
    ['is not a PNG, JPEG, GIF, WebP or AVIF image', new TextEncoder().encode('<svg></svg>'), 100],
    ['has 12 B; a GIF may have 10 B', new TextEncoder().encode('GIF89a......'), 10],
  ])('is refused when it %s', async (problem, bytes, largest) => {
    const refusal = photoOf(file('a.x', bytes, 'image/png'), largest);
    await expect(refusal).rejects.toBeInstanceOf(PhotoProblem);
    await expect(refusal).rejects.toThrow(`a.x ${problem}`);
  });

  it('has a name that the service takes, whatever it was called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const photo = { name: imageName(name), mime: 'image/png', data: PNG.toString('base64') };
        expect(checkMessage('photo', photo)).toEqual({ ok: true, value: photo });
      }),
      { numRuns: 200 },
    );
  });
});

describe('a photo that is too large', () => {
  it('is tried in sizes that become smaller, and keeps its shape', () => {
    const sizes = attempts(4000, 3000);
    expect(sizes[0]).toEqual({ width: 1920, height: 1440, quality: 0.85 });
    expect(sizes.at(-1)).toEqual({ width: 240, height: 180, quality: 0.6 });
    for (const { width, height } of sizes) expect(width / height).toBeCloseTo(4 / 3, 1);
    expect(sizes.map(({ width }) => width)).toEqual(sizes.map(({ width }) => width).toSorted((a, b) => b - a));
  });

  it('is never made larger, nor as thin as nothing', () => {
    expect(attempts(300, 100)[0]).toEqual({ width: 300, height: 100, quality: 0.85 });
    expect(attempts(100, 100).length).toBe(2);
    expect(Math.min(...attempts(10_000, 1).map(({ height }) => height))).toBe(1);
  });
});
