import { isUtf8 } from 'node:buffer';
import { nodePlatform } from '@tidewire/node';
import { compare } from './compare.ts';

// Ways from bytes to text and back. A call into native code costs as much as some twenty characters in JavaScript.

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

function charByChar(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const texts = { ASCII: 'The tide comes in twice a day. ', 'other text': 'Flut und Ebbe, größer als – 潮 – ' };
const sizes = [16, 128, 1024, 16_384];

export async function utf8(): Promise<void> {
  for (const [name, text] of Object.entries(texts)) {
    await compare(`Bytes to text, ${name}`, sizes, (size) => {
      const bytes = Buffer.from(Buffer.alloc(size, text).toString());
      return [
        { name: 'TextDecoder, fatal', run: () => decoder.decode(bytes) },
        { name: 'isUtf8, then toString', run: () => (isUtf8(bytes) ? bytes.toString() : undefined) },
        // Right for ASCII alone.
        ...(name === 'ASCII' ? [{ name: 'characters in JavaScript', run: () => charByChar(bytes) }] : []),
        { name: 'Tidewire', run: () => nodePlatform.utf8Decode(bytes, 0, bytes.length) },
      ];
    });
    await compare(`Text to bytes, ${name}`, sizes, (size) => {
      const message = Buffer.alloc(size, text).toString();
      const target = Buffer.alloc(2 * size);
      return [
        { name: 'TextEncoder.encodeInto', run: () => encoder.encodeInto(message, target) },
        { name: 'Buffer.write', run: () => target.write(message, 0, 'utf8') },
        { name: 'Tidewire', run: () => nodePlatform.utf8Write(message, target, 0) },
      ];
    });
  }
}
