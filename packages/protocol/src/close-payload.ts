import { CloseCode, isCloseCodeAllowedOnWire } from './close-codes.ts';
import type { ViolationCode } from './errors.ts';
import type { Platform } from './platform.ts';
import { describe } from './sender.ts';

// The payload of a Close frame: RFC 6455, 5.5.1. Nothing, or a code of 2 bytes and a reason in UTF-8.

/** 5.5 leaves 125 bytes for a control frame's payload, and 2 of a Close frame's are the code. */
const MAX_REASON = 123;

const EMPTY = new Uint8Array(0);

/** What a Close frame says, or the rule that it breaks. A payload of nothing stands for the code 1005 (7.1.5). */
export function readClosePayload(
  payload: Uint8Array,
  platform: Platform,
): { readonly code: number; readonly reason: string } | ViolationCode {
  const [high, low] = payload;
  if (high === undefined) return { code: CloseCode.NO_STATUS_RECEIVED, reason: '' };
  // "the first two bytes of the body MUST be a 2-byte unsigned integer".
  if (low === undefined) return 'CLOSE_PAYLOAD';
  const code = (high << 8) | low;
  // 7.4: the codes that are reserved or undefined "MUST NOT" be set.
  if (!isCloseCodeAllowedOnWire(code)) return 'CLOSE_CODE';
  const reason = platform.utf8Decode(payload, 2, payload.length);
  return reason === undefined ? 'INVALID_UTF8' : { code, reason };
}

/**
 * The payload for a Close frame of ours.
 * @throws RangeError for a code that must not be sent or a reason that is too long; TypeError for a reason that is not a
 *   string, or has no code
 */
export function closePayload(code: number | undefined, reason: string, platform: Platform): Uint8Array {
  if (typeof reason !== 'string') throw new TypeError(`reason must be a string, not ${describe(reason)}`);
  if (code === undefined) {
    if (reason !== '') throw new TypeError('a reason needs a code');
    return EMPTY;
  }
  if (!isCloseCodeAllowedOnWire(code)) {
    throw new RangeError(`code must be 1000 to 1003, 1007 to 1014, or 3000 to 4999, not ${String(code)}`);
  }
  const size = platform.utf8Length(reason);
  if (size > MAX_REASON) throw new RangeError(`reason must have ${MAX_REASON} bytes of UTF-8 or less, not ${size}`);
  const payload = new Uint8Array(2 + size);
  payload[0] = code >>> 8;
  payload[1] = code;
  platform.utf8Write(reason, payload, 2);
  return payload;
}
