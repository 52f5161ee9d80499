// Many messages, sent with a window and compared as they come back.
import { Compressor, type Direction } from './deflate.ts';
import type { Bulk, Frame } from './table.ts';
import { BINARY, CONTINUATION, TEXT } from './words.ts';

const cacheLimit = 256 * 2 ** 20;
const cache = new Map<string, Buffer[]>();

/** All messages compressed in order, for this direction. Kept, since the cases send the same ones again and again. */
export function compressAll(bulk: Bulk, direction: Direction): Buffer[] {
  const key = `${bulk.name} ${bulk.count} ${direction.windowBits} ${direction.contextTakeover}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const compressor = new Compressor(direction);
  const all = Array.from({ length: bulk.count }, (_, n) => compressor.compress(bulk.message(n)));
  cache.set(key, all);
  let kept = 0;
  for (const [name, messages] of [...cache].reverse()) {
    kept += messages.reduce((sum, message) => sum + message.length, 0);
    if (kept > cacheLimit) cache.delete(name);
  }
  return all;
}

/** The frames of one message of a bulk. */
export function bulkFrames(bulk: Bulk, payload: Uint8Array, compressed: boolean): Frame[] {
  const size = bulk.fragment ?? Math.max(payload.length, 1);
  const frames: Frame[] = [];
  for (let at = 0; at === 0 || at < payload.length; at += size) {
    frames.push({
      opcode: at > 0 ? CONTINUATION : bulk.type === 'text' ? TEXT : BINARY,
      payload: payload.subarray(at, at + size),
      fin: at + size >= payload.length,
      rsv: compressed && at === 0 ? 4 : 0,
    });
  }
  return frames;
}
