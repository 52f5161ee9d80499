import type { ViolationCode } from './errors.ts';

// The frame header of RFC 6455, 5.2:
//
//   byte 0: FIN RSV1 RSV2 RSV3 opcode(4)     byte 1: MASK length(7)
//   then 2 bytes of length if it is 126, 8 bytes if it is 127; then 4 bytes of masking key if MASK is set
//
// `bytes[i] as number`: every index here is checked against `end` first, which the compiler cannot see.

export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

export const FIN = 0x80;
export const RSV1 = 0x40;
const RSV2_AND_RSV3 = 0x30;
const MASK = 0x80;

/** The longest header: 2 bytes, 8 of length, 4 of masking key. */
export const MAX_HEADER_SIZE = 14;

/** 5.5: "All control frames MUST have a payload length of 125 bytes or less". */
export const MAX_CONTROL_PAYLOAD = 125;

export function isControl(opcode: number): boolean {
  return opcode >= Opcode.CLOSE;
}

/** What a header says. One object serves many headers: its reader overwrites it. */
export class FrameHeader {
  fin = false;
  rsv1 = false;
  opcode = 0;
  length = 0;
  /** The masking key, its first byte the most significant; 0, which changes nothing, in a frame that is not masked. */
  maskingKey = 0;
}

/**
 * Reads the header that begins at `bytes[start]`, which must be there, into `header`.
 * @param mustBeMasked whether the sender is a client (5.1)
 * @returns the size of the header in bytes, 0 if `bytes[start, end)` holds no more than a part of it, or the rule that
 *   it breaks, told as soon as the byte that breaks it is there
 */
export function readFrameHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  mustBeMasked: boolean,
  header: FrameHeader,
): number | ViolationCode {
  const first = bytes[start] as number;
  const opcode = first & 0x0f;
  const control = isControl(opcode);
  // 5.2: RSV1-3 "MUST be 0 unless an extension is negotiated that defines meanings". Whether RSV1 has one, the receiver
  // of the message knows.
  if ((first & RSV2_AND_RSV3) !== 0) return 'RESERVED_BITS';
  // 5.2: "If an unknown opcode is received, the receiving endpoint MUST fail the connection".
  if (opcode > Opcode.PONG || (opcode > Opcode.BINARY && !control)) return 'RESERVED_OPCODE';
  // 5.5: control frames "MUST NOT be fragmented"; RFC 7692, 6: they are not compressed.
  if (control && (first & FIN) === 0) return 'CONTROL_FRAGMENTED';
  if (control && (first & RSV1) !== 0) return 'RESERVED_BITS';

  if (start + 2 > end) return 0;
  const second = bytes[start + 1] as number;
  const masked = (second & MASK) !== 0;
  // 5.1: "a client MUST mask all frames", "A server MUST NOT mask any frames".
  if (masked !== mustBeMasked) return masked ? 'MASKED' : 'NOT_MASKED';
  let length = second & 0x7f;
  if (control && length > MAX_CONTROL_PAYLOAD) return 'CONTROL_TOO_LONG';

  let at = start + 2;
  if (length === 126) {
    at += 2;
    if (at > end) return 0;
    length = ((bytes[at - 2] as number) << 8) | (bytes[at - 1] as number);
    // 5.2: "the minimal number of bytes MUST be used to encode the length".
    if (length < 126) return 'LENGTH_NOT_MINIMAL';
  } else if (length === 127) {
    // 5.2: of the 64 bits "the most significant bit MUST be 0".
    if (at < end && (bytes[at] as number) > 0x7f) return 'LENGTH_OUT_OF_RANGE';
    at += 8;
    if (at > end) return 0;
    // Above 2^53 the sum is rounded, never wrapped, so it still compares as larger than any limit.
    length = readUint32(bytes, at - 8) * 0x1_0000_0000 + readUint32(bytes, at - 4);
    if (length < 0x1_0000) return 'LENGTH_NOT_MINIMAL';
  }
  if (masked) {
    at += 4;
    if (at > end) return 0;
  }
  header.fin = (first & FIN) !== 0;
  header.rsv1 = (first & RSV1) !== 0;
  header.opcode = opcode;
  header.length = length;
  header.maskingKey = masked ? readUint32(bytes, at - 4) | 0 : 0;
  return at - start;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) * 0x100_0000 +
    (((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
  );
}

/** The size of the shortest header for a payload of `length` bytes. */
export function frameHeaderSize(length: number, masked: boolean): number {
  return (length < 126 ? 2 : length < 0x1_0000 ? 4 : 10) + (masked ? 4 : 0);
}

/**
 * Writes a header at `target[at]`, its length in the shortest form, and returns the index after it.
 * @param first FIN, RSV1 and the opcode
 * @param maskingKey the key of a masked frame, `undefined` for a frame that is not masked
 */
export function writeFrameHeader(
  target: Uint8Array,
  at: number,
  first: number,
  length: number,
  maskingKey: number | undefined,
): number {
  const mask = maskingKey === undefined ? 0 : MASK;
  target[at++] = first;
  if (length < 126) {
    target[at++] = mask | length;
  } else if (length < 0x1_0000) {
    target[at++] = mask | 126;
    target[at++] = length >>> 8;
    target[at++] = length;
  } else {
    target[at++] = mask | 127;
    at = writeUint32(target, at, Math.floor(length / 0x1_0000_0000));
    at = writeUint32(target, at, length);
  }
  return maskingKey === undefined ? at : writeUint32(target, at, maskingKey);
}

function writeUint32(target: Uint8Array, at: number, value: number): number {
  target[at++] = value >>> 24;
  target[at++] = value >>> 16;
  target[at++] = value >>> 8;
  target[at++] = value;
  return at;
}
