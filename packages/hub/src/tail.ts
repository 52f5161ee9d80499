import { OldestFirst } from './oldest-first.ts';
import type { StoredPublication } from './publication.ts';

// The newest publications of the channels of this node: who was away for a moment is served from here, so that ten thousand
// clients that come back at once do not each ask the engine. All tails together have a size; the channel that was published
// to longest ago loses its tail first.

export class Tails {
  readonly #budget: number;
  #size = 0;
  /** From the one that was used longest ago. */
  readonly #tails = new OldestFirst<Tail>();

  /** @param budget bytes, about */
  constructor(budget: number) {
    this.#budget = budget;
  }

  get size(): number {
    return this.#size;
  }

  /** The tail has grown, or shrunk, by `bytes`. */
  changed(tail: Tail, bytes: number): void {
    this.#size += bytes;
    if (tail.size > 0) this.#tails.add(tail);
    else this.#tails.delete(tail);
    while (this.#size > this.#budget && this.#tails.size > 0) this.#tails.shift()?.clear();
  }
}

/** Bytes that a publication takes beside its data, about. */
const OVERHEAD = 200;

export class Tail {
  readonly #tails: Tails;
  /** The offset before the first of them. */
  #from: number | undefined;
  #publications: StoredPublication[] = [];
  #size = 0;

  constructor(tails: Tails) {
    this.#tails = tails;
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /**
   * @param previous the offset before it
   * @param most as many are kept
   */
  add(stored: StoredPublication, previous: number, most: number): void {
    this.#from ??= previous;
    this.#publications.push(stored);
    let bytes = sizeOf(stored);
    // In steps, because each goes through all.
    if (this.#publications.length > most + Math.max(16, most / 4)) {
      const gone = this.#publications.splice(0, this.#publications.length - most);
      this.#from = gone.at(-1)?.offset ?? this.#from;
      for (const each of gone) bytes -= sizeOf(each);
    }
    this.#change(bytes);
  }

  /** Those after `offset`, or `undefined` if it does not reach so far back. They must be within the retention. */
  since(
    offset: number,
    { size, ttl }: { readonly size: number; readonly ttl: number },
  ): StoredPublication[] | undefined {
    if (this.#from === undefined || offset < this.#from) return undefined;
    const first = offset === this.#from ? 0 : indexOf(this.#publications, offset) + 1;
    if (first === 0 && offset !== this.#from) return undefined;
    const oldest = this.#publications[first];
    const count = this.#publications.length - first;
    if (count > size || (oldest !== undefined && oldest.publication.time < Date.now() - ttl)) return undefined;
    return this.#publications.slice(first);
  }

  /** What was read reaches to where the channel is; it is kept if it reaches further back. */
  replace(from: number, publications: readonly StoredPublication[]): void {
    if (this.#from !== undefined && this.#from <= from) return;
    const before = this.#size;
    this.#from = from;
    this.#publications = [...publications];
    this.#change(publications.reduce((sum, each) => sum + sizeOf(each), 0) - before);
  }

  clear(): void {
    this.#from = undefined;
    this.#publications = [];
    this.#change(-this.#size);
  }

  #change(bytes: number): void {
    this.#size += bytes;
    this.#tails.changed(this, bytes);
  }
}

const sizeOf = ({ publication }: StoredPublication) => publication.data.length + OVERHEAD;

/** Where `offset` is in `publications`, -1 if it is not. */
export function indexOf(publications: readonly StoredPublication[], offset: number): number {
  let low = 0;
  let high = publications.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = publications[middle]?.offset ?? 0;
    if (found === offset) return middle;
    if (found < offset) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
