/** What a page shows, without the page: whoever listens is told that it has changed. */
export abstract class Store {
  readonly #listeners = new Set<() => void>();

  /** @returns what ends it */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  protected changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
