import { constants, isAscii, isUtf8 } from 'node:buffer';
import { hash, randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Platform } from '@tidewire/protocol';
import { zlibCodec } from './zlib-codec.ts';

/** Up to this many characters, converting ASCII in JavaScript costs less than the call into native code. */
const SHORT_TEXT = 24;

/** What Node has for the protocol engine. */
export const nodePlatform: Platform = {
  now: () => performance.now(),
  randomFill: (target) => {
    randomFillSync(target);
  },
  sha1Base64: (text) => hash('sha1', text, 'base64'),
  maxTextLength: constants.MAX_STRING_LENGTH,
  allocate: (length) => Buffer.allocUnsafe(length),
  utf8Length: (text) => Buffer.byteLength(text),
  utf8Write: (text, target, offset) =>
    writeShortAscii(text, target, offset) ? text.length : asBuffer(target).write(text, offset, 'utf8'),
  utf8Decode: (bytes, start, end) => {
    const text = asBuffer(bytes).subarray(start, end);
    if (isAscii(text)) return text.toString('latin1');
    return isUtf8(text) ? text.toString('utf8') : undefined;
  },
  asciiDecode: (bytes, start, end) => asBuffer(bytes).toString('latin1', start, end),
  deflate: zlibCodec,
};

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeShortAscii(text: string, target: Uint8Array, offset: number): boolean {
  if (text.length > SHORT_TEXT) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return false;
    target[offset + i] = code;
  }
  return true;
}
