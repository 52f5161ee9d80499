// A set whose oldest member can be taken out at little cost, however many there are. The first member of a `Set` is not
// cheap to find: what was deleted before it has left holes, and each look begins before all of them. An iterator that is
// kept passes each hole once.

export class OldestFirst<T> {
  readonly #members = new Set<T>();
  /** Behind it there is nobody: what it has passed was taken out, and what is added again is added at the end. */
  #rest = this.#members.values();

  get size(): number {
    return this.#members.size;
  }

  /** At the end, even if it is there already. */
  add(member: T): void {
    this.#members.delete(member);
    this.#members.add(member);
  }

  delete(member: T): boolean {
    return this.#members.delete(member);
  }

  /** Takes out the one that was added longest ago; `undefined` if there is none. */
  shift(): T | undefined {
    if (this.#members.size === 0) return undefined;
    let next = this.#rest.next();
    if (next.done === true) {
      // It has been at the end once, where it stays.
      this.#rest = this.#members.values();
      next = this.#rest.next();
    }
    if (next.done === true) return undefined;
    this.#members.delete(next.value);
    return next.value;
  }

  [Symbol.iterator](): SetIterator<T> {
    return this.#members.values();
  }
}
