import { OldestFirst } from './oldest-first.ts';

/** Lets so many through at a time; the others wait in line. */
export class Turnstile {
  readonly #places: number;
  #taken = 0;
  readonly #line = new OldestFirst<() => void>();

  constructor(places: number) {
    this.#places = places;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#places) this.#taken++;
    else await new Promise<void>((resolve) => this.#line.add(resolve));
    try {
      return await task();
    } finally {
      const next = this.#line.shift();
      // The place goes from hand to hand.
      if (next === undefined) this.#taken--;
      else next();
    }
  }
}
