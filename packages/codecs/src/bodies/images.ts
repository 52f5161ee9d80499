// Images by how they begin.

type Magic = readonly [type: string, at: number, bytes: readonly number[]];

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));

const magics: readonly Magic[] = [
  ['image/png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', 0, [0xff, 0xd8, 0xff]],
  ['image/gif', 0, ascii('GIF87a')],
  ['image/gif', 0, ascii('GIF89a')],
  ['image/webp', 8, ascii('WEBP')],
  ['image/avif', 4, ascii('ftypavif')],
  ['image/heic', 4, ascii('ftypheic')],
  ['image/tiff', 0, [0x49, 0x49, 0x2a, 0x00]],
  ['image/tiff', 0, [0x4d, 0x4d, 0x00, 0x2a]],
  ['image/x-icon', 0, [0x00, 0x00, 0x01, 0x00]],
];

/** Its media type, or `undefined` if it does not begin like an image. */
export function imageType(bytes: Uint8Array): string | undefined {
  return magics.find(([, at, magic]) => magic.every((byte, i) => bytes[at + i] === byte))?.[0] ?? bitmapType(bytes);
}

/** Two letters are too little to go by; the reserved bytes behind the length must be 0. */
function bitmapType(bytes: Uint8Array): string | undefined {
  const isBitmap = bytes[0] === 0x42 && bytes[1] === 0x4d && bytes.length > 26;
  return isBitmap && bytes.subarray(6, 10).every((byte) => byte === 0) ? 'image/bmp' : undefined;
}
