import { inflateRawSync } from 'node:zlib';
import { compressed } from './payloads.ts';

const FIN = 0x80;
const RSV1 = 0x40;
const MASKED = 0x80;
const MASKING_KEY = Buffer.from([0x12, 0x34, 0x56, 0x78]);

export type MessageType = 'text' | 'binary';

/** A masked frame, as a client sends it. */
export function clientFrame(type: MessageType, payload: Buffer, deflate = false): Buffer {
  const content = deflate ? compressed(payload) : payload;
  const header = headerOf(type, content.length);
  header[0] = (header[0] ?? 0) | (deflate ? RSV1 : 0);
  header[1] = (header[1] ?? 0) | MASKED;
  const masked = content.map((byte, i) => byte ^ (MASKING_KEY[i % 4] ?? 0));
  return Buffer.concat([header, MASKING_KEY, masked]);
}

/** How many bytes a server needs for a message in one frame. */
export function serverFrameSize(payloadSize: number): number {
  return headerOf('text', payloadSize).length + payloadSize;
}

function headerOf(type: MessageType, size: number): Buffer {
  const first = FIN | (type === 'text' ? 1 : 2);
  if (size < 126) return Buffer.from([first, size]);
  if (size < 65_536) return Buffer.from([first, 126, size >> 8, size & 255]);
  const header = Buffer.from([first, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeBigUInt64BE(BigInt(size), 2);
  return header;
}

export interface ReadMessage {
  readonly type: MessageType;
  readonly wasCompressed: boolean;
  readonly payload: Buffer;
  /** Where the next frame begins. */
  readonly end: number;
}

/** The first message in `bytes`, if all of it has come. Servers that are measured send each in one frame. */
export function readMessage(bytes: Buffer): ReadMessage | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes[0] ?? 0;
  const opcode = first & 0x0f;
  if (!(first & FIN) || (opcode !== 1 && opcode !== 2)) throw new Error(`A frame that begins with ${first}`);
  const length = (bytes[1] ?? 0) & 0x7f;
  const start = length < 126 ? 2 : length === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  const size = length < 126 ? length : length === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = start + size;
  if (bytes.length < end) return undefined;
  const wasCompressed = (first & RSV1) !== 0;
  const content = bytes.subarray(start, end);
  // RFC 7692, 7.2.2.
  const payload = wasCompressed
    ? inflateRawSync(Buffer.concat([content, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: 2 })
    : content;
  return { type: opcode === 1 ? 'text' : 'binary', wasCompressed, payload, end };
}

/** Counts frames of any size by walking from header to header. */
export class FrameCounter {
  /** Bytes of the header that came with earlier chunks. */
  #header = 0;
  #headerSize = 2;
  #size = 0;
  /** Bytes of payload still to come. */
  #payload = 0;

  /** Returns how many frames are complete with this chunk. */
  take(bytes: Uint8Array, length: number): number {
    let complete = 0;
    let at = 0;
    while (at < length) {
      if (this.#payload > 0) {
        const skipped = Math.min(this.#payload, length - at);
        this.#payload -= skipped;
        at += skipped;
        if (this.#payload === 0) complete++;
        continue;
      }
      if (this.#takeHeader(bytes[at++] ?? 0)) {
        this.#payload = this.#size;
        if (this.#size === 0) complete++;
      }
    }
    return complete;
  }

  /** Returns whether the header is complete. */
  #takeHeader(byte: number): boolean {
    const at = this.#header++;
    if (at === 1) {
      const length = byte & 0x7f;
      this.#headerSize = length < 126 ? 2 : length === 126 ? 4 : 10;
      this.#size = length < 126 ? length : 0;
    } else if (at > 1) {
      this.#size = this.#size * 256 + byte;
    }
    if (this.#header < 2 || this.#header < this.#headerSize) return false;
    this.#header = 0;
    return true;
  }
}
