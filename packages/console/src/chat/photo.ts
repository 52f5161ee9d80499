import { chatLimits, type ImageType, imageTypes, type Photo } from '../chat-messages.ts';
import { formatSize } from '../shared/format.ts';
import { sniffImageType } from '../shared/image-type.ts';

// From a file to a photo that the room takes. What is too large is drawn again: smaller, and then with less of its detail.

/** Bytes of a file that is worth reading. */
const MAX_FILE = 64 * 1024 * 1024;

/** A file cannot be sent, and why. */
export class PhotoProblem extends Error {}

/**
 * The file as a message, made smaller if it has to be.
 * @param largest bytes that an image may have
 * @throws PhotoProblem for people to read
 */
export async function photoOf(file: File, largest: number): Promise<Photo> {
  const mime = await typeOf(file);
  if (file.size <= largest) return { name: imageName(file.name), mime, data: await base64Of(file) };
  // What moves would stand still.
  if (mime === 'image/gif')
    throw new PhotoProblem(`${file.name} has ${formatSize(file.size)}; a GIF may have ${formatSize(largest)}`);
  const smaller = await shrink(file, largest);
  const type = imageTypes.find((known) => known === smaller.type) ?? mime;
  return { name: imageName(file.name), mime: type, data: await base64Of(smaller) };
}

async function typeOf(file: File): Promise<ImageType> {
  if (file.size === 0) throw new PhotoProblem(`${file.name} is empty`);
  if (file.size > MAX_FILE) throw new PhotoProblem(`${file.name} has more than ${formatSize(MAX_FILE)}`);
  const beginning = await file
    .slice(0, 32)
    .arrayBuffer()
    .catch(() => {
      throw new PhotoProblem(`${file.name} could not be read`);
    });
  const type = sniffImageType(new Uint8Array(beginning));
  if (type === undefined) throw new PhotoProblem(`${file.name} is not a PNG, JPEG, GIF, WebP or AVIF image`);
  return type;
}

export interface Attempt {
  readonly width: number;
  readonly height: number;
  /** From 0 to 1, as encoders have it. */
  readonly quality: number;
}

/** What to try one after the other: sizes that a screen still shows well, each with two qualities. */
export function attempts(width: number, height: number): readonly Attempt[] {
  const side = Math.max(width, height);
  const sides = [1920, 1440, 1080, 800, 600, 400, 240].filter((one) => one < side);
  return [side > 1920 ? 1920 : side, ...sides.filter((one) => one < Math.min(side, 1920))].flatMap((longest) => {
    const scaled = (length: number) => Math.max(1, Math.round((length * longest) / side));
    return [0.85, 0.6].map((quality) => ({ width: scaled(width), height: scaled(height), quality }));
  });
}

async function shrink(file: File, largest: number): Promise<Blob> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new PhotoProblem(`${file.name} is damaged: it cannot be shown`);
  });
  try {
    for (const attempt of attempts(bitmap.width, bitmap.height)) {
      const drawn = await draw(bitmap, attempt);
      if (drawn !== undefined && drawn.size <= largest) return drawn;
    }
  } finally {
    bitmap.close();
  }
  throw new PhotoProblem(`${file.name} cannot be made as small as ${formatSize(largest)}`);
}

/** WebP where the browser writes it, else JPEG. */
async function draw(bitmap: ImageBitmap, { width, height, quality }: Attempt): Promise<Blob | undefined> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height);
  const written = (type: string) => new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
  const webp = await written('image/webp');
  if (webp?.type === 'image/webp') return webp;
  return (await written('image/jpeg')) ?? undefined;
}

async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  for (let start = 0; start < bytes.length; start += 8192)
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  return btoa(text);
}

/** The bytes of a photo that was checked. */
export function bytesOf({ data }: Pick<Photo, 'data'>): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
}

/** A file's name without what the name in a message may not have. */
export function imageName(fileName: string): string {
  const name = fileName
    .replace(/[\p{C}\u2028\u2029]/gu, '')
    .trim()
    .slice(-chatLimits.imageName)
    .trim();
  return name === '' ? 'image' : name.replace(/^\p{Cs}/u, '');
}
