// Chance from a seed: the same seed and the same name give the same numbers, on every machine.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Random texts are cut out of one that all have in common, and that is made once, in characters. */
const POOL = 64 * 1024;
let pool = '';

export class Random {
  #state: number;

  /** @param name tells several of the same seed apart */
  constructor(seed: number, name: string) {
    this.#state = hash(`${seed}:${name}`);
  }

  /** From 0 to below 1. This is mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** So many letters and digits. */
  text(size: number): string {
    if (size > POOL) return this.text(POOL) + this.text(size - POOL);
    if (pool === '') pool = makePool();
    const start = this.below(POOL - size + 1);
    return pool.slice(start, start + size);
  }
}

function makePool(): string {
  const random = new Random(0, 'pool');
  return Array.from({ length: POOL }, () => alphabet[random.below(alphabet.length)]).join('');
}

/** FNV-1a, in 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
