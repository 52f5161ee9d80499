// Bytes of a message, or of a control frame, that are kept until it is whole. Says which of them have gone on already, because they
// came before it was to be gathered.

/** A larger message goes on as it comes, in bytes. */
export const MAX_GATHERED = 16 * 1024 * 1024;

const NOTHING = new Uint8Array(0);

/** Bytes put together; as many again may be reserved. */
class Joined {
  #bytes = NOTHING;
  length = 0;

  add(bytes: Uint8Array): void {
    const needed = this.length + bytes.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.length);
    this.length = needed;
  }

  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.length);
    this.#bytes = NOTHING;
    this.length = 0;
    return taken;
  }
}

export class Gathering {
  readonly #message = new Joined();
  readonly #control = new Joined();
  #isPassing = false;
  #isControlWhole = true;
  /** Bytes of a header that were not scanned yet but have gone on. */
  #gone = 0;
  /** How many of the bytes that have come were not scanned yet. */
  #unscanned = 0;

  /** Whether the message that is under way goes on as it comes. */
  get isPassing(): boolean {
    return this.#isPassing;
  }

  /** From here on. @param gone bytes of a header that is not complete, which have gone on */
  start(gone: number, isWithinMessage: boolean, isWithinControl: boolean): void {
    this.#gone = gone;
    this.#unscanned = gone;
    this.#isPassing = isWithinMessage || gone > 0;
    this.#isControlWhole = !isWithinControl && gone === 0;
  }

  /** As many bytes have come. To be told before they are scanned. */
  came(count: number): void {
    this.#unscanned += count;
  }

  /**
   * What is to go on now, if anything is; or `'too-large'`: call `pass`.
   * @param left bytes of the frame that are still to come
   */
  scanned(
    bytes: Uint8Array,
    start: number,
    end: number,
    isOfControl: boolean,
    left: number,
  ): Uint8Array | 'gathered' | 'too-large' {
    this.#unscanned -= end - start;
    // The chunk is kept by nobody: what waits must not keep all of it.
    const part = bytes.slice(start + this.#gone, end);
    this.#gone = 0;
    if (isOfControl) this.#control.add(part);
    else if (this.#isPassing) return part;
    else this.#message.add(part);
    // Nobody waits for a length that is announced: whoever is to refuse it does so at once.
    return !isOfControl && this.#message.length + left > MAX_GATHERED ? 'too-large' : 'gathered';
  }

  /** What was gathered of the message; its rest goes on as it comes. */
  pass(): Uint8Array {
    this.#isPassing = true;
    return this.#message.take();
  }

  /** The message that went on as it came is whole. */
  passed(): void {
    this.#isPassing = false;
    this.#isControlWhole = true;
  }

  /** What was gathered of the message. */
  take(): Uint8Array {
    return this.#message.take();
  }

  /** All that is kept here and has not gone on, in its order. `latest` ends with what was not scanned. */
  takeAll(latest: Uint8Array): Uint8Array {
    const unscanned = latest.subarray(latest.length - this.#unscanned + this.#gone);
    return Buffer.concat([this.#message.take(), this.#control.take(), unscanned]);
  }

  takeControl(isWithinMessage: boolean): { readonly bytes: Uint8Array; readonly isWhole: boolean } {
    const isWhole = this.#isControlWhole;
    this.#isControlWhole = true;
    if (!isWithinMessage) this.#isPassing = false;
    return { bytes: this.#control.take(), isWhole };
  }
}
