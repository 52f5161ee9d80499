import { describe, expect, it } from 'vitest';
import { sniffImageType } from '../../src/shared/image-type.ts';

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('the type of an image', () => {
  it.each([
    ['image/png', '\x89PNG\r\n\x1a\n…'],
    ['image/jpeg', '\xff\xd8\xff\xe0'],
    ['image/gif', 'GIF87a'],
    ['image/gif', 'GIF89a'],
    ['image/webp', 'RIFF\x10\n\x00\x00WEBPVP8 '],
    ['image/avif', '\x00\x00\x00\x1cftypavif'],
    ['image/avif', '\x00\x00\x00\x1cftypavis'],
  ])('%s is told by its first bytes', (type, start) => {
    expect(sniffImageType(latin1(start))).toBe(type);
  });

  it.each(['', 'PNG', '\x89PNG', ' GIF89a', '<svg/>', 'RIFF\x10\x00\x00\x00WAVEfmt '])('is unknown for %j', (start) => {
    expect(sniffImageType(latin1(start))).toBeUndefined();
  });
});
