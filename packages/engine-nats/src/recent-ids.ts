// The ids of events that may come again at once, by another subscription. The server sends all copies of a message one after
// the other, so a few thousand are enough.

const MAX_IDS = 8192;

export class RecentIds {
  readonly #ids = new Set<string>();

  /** @param mayRepeat whether it can come again, so that it has to be kept */
  isRepeated(id: string, mayRepeat: () => boolean): boolean {
    if (this.#ids.size > 0 && this.#ids.has(id)) return true;
    if (!mayRepeat()) return false;
    this.#ids.add(id);
    if (this.#ids.size > MAX_IDS) {
      const [oldest] = this.#ids;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    return false;
  }
}
