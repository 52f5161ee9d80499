// What answers are about is said by their requests. A viewer remembers those that have no answer yet, up to a number.

/** Requests that are remembered; the oldest is forgotten. */
const MAX_WAITING = 1000;

export class Waiting<Key, About> {
  readonly #requests = new Map<Key, About>();

  add(key: Key, about: About): void {
    const [oldest] = this.#requests.keys();
    if (this.#requests.size >= MAX_WAITING && oldest !== undefined) this.#requests.delete(oldest);
    this.#requests.set(key, about);
  }

  get(key: Key): About | undefined {
    return this.#requests.get(key);
  }

  /** As `get`, for the last time. */
  take(key: Key): About | undefined {
    const about = this.#requests.get(key);
    this.#requests.delete(key);
    return about;
  }
}
