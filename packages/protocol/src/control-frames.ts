/** What a connection has that has received control frames. */
export class ControlFrames {
  /** The Pong that waits for the pipe to drain. */
  pendingPong: Uint8Array | undefined;
  #count = 0;
  #since = Number.NEGATIVE_INFINITY;

  /**
   * Counts one more, in windows of a second.
   * @param now in milliseconds
   * @returns whether there are no more than `max` in this window
   */
  admit(now: number, max: number): boolean {
    if (now - this.#since >= 1000) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count++;
    return this.#count <= max;
  }
}
