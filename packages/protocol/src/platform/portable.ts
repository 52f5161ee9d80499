import type { Platform } from '../platform.ts';
import { base64Encode } from './base64.ts';
import { sha1 } from './sha1.ts';
import { asciiDecode, utf8Decode, utf8Length, utf8Write } from './utf8.ts';

// What every runtime of today has among its globals, in the shape that is used here.
declare const crypto: { getRandomValues(target: Uint8Array): unknown };
declare const performance: { now(): number } | undefined;

/** `getRandomValues` refuses more than this at once: https://w3c.github.io/webcrypto/#Crypto-method-getRandomValues */
const RANDOM_QUOTA = 65_536;

/** What V8 takes; the other engines take more. */
const MAX_TEXT_LENGTH = 2 ** 29 - 24;

let latest = 0;

function now(): number {
  if (typeof performance !== 'undefined') return performance.now();
  latest = Math.max(latest, Date.now()); // the wall clock can be set back
  return latest;
}

function randomFill(target: Uint8Array): void {
  for (let start = 0; start < target.length; start += RANDOM_QUOTA) {
    crypto.getRandomValues(target.subarray(start, start + RANDOM_QUOTA));
  }
}

/** The platform in plain JavaScript, for every runtime with `crypto.getRandomValues`. It has no DEFLATE codec. */
export const portablePlatform: Platform = {
  now,
  randomFill,
  sha1Base64: (text) => base64Encode(sha1(Uint8Array.from(text, (character) => character.charCodeAt(0)))),
  allocate: (length) => new Uint8Array(length),
  maxTextLength: MAX_TEXT_LENGTH,
  utf8Length,
  utf8Write,
  utf8Decode,
  asciiDecode,
};
