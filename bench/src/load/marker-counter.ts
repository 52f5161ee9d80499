/** Counts how often a text is in a stream of bytes, also where chunks cut it. */
export class MarkerCounter {
  readonly #marker: Buffer;
  /** The end of what came before, shorter than the marker. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(marker: string) {
    this.#marker = Buffer.from(marker);
  }

  take(bytes: Buffer, length: number): number {
    const marker = this.#marker;
    let chunk = bytes.subarray(0, length);
    if (this.#rest.length > 0) chunk = Buffer.concat([this.#rest, chunk]);
    let count = 0;
    let end = 0;
    for (let at = chunk.indexOf(marker); at >= 0; at = chunk.indexOf(marker, end)) {
      count++;
      end = at + marker.length;
    }
    const tail = chunk.subarray(Math.max(end, chunk.length - marker.length + 1));
    // Only the beginning of a marker is worth a copy.
    const cut = tail.lastIndexOf(marker[0] ?? 0) < 0 ? undefined : tail;
    this.#rest = cut === undefined ? Buffer.alloc(0) : Buffer.from(cut);
    return count;
  }
}
