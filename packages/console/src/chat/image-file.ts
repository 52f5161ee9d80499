import { type ClientImage, chatLimits, type ImageType, imageTypes } from '../chat-messages.ts';
import { formatSize } from '../shared/format.ts';

/** Why a file cannot be sent to the room, or `undefined` if it can. `largest` is in bytes. */
export function problemWith(file: File, largest: number): string | undefined {
  if (typeOf(file) === undefined) return `${file.name} is not a PNG, JPEG, GIF, WebP or AVIF image`;
  if (file.size === 0) return `${file.name} is empty`;
  if (file.size > largest) return `${file.name} has ${formatSize(file.size)}; the room takes ${formatSize(largest)}`;
  return undefined;
}

/** The file as a message, or `undefined` if it cannot be read any more. */
export async function readImage(file: File): Promise<ClientImage | undefined> {
  const mime = typeOf(file);
  if (mime === undefined) return undefined;
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return { type: 'image', name: imageName(file.name), mime, bytes };
  } catch {
    return undefined;
  }
}

function typeOf(file: File): ImageType | undefined {
  return imageTypes.find((type) => type === file.type);
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
