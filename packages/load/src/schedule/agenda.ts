// What is to be done when, of very many, with one timer: a heap, the next one on top. What is overdue is made up for in short turns, so
// that what comes from the network is not left lying, and timed too late.

/** Where time comes from. Times are in milliseconds. */
export interface Clock {
  now(): number;
  /** Calls back not before this time. @returns what calls it off */
  at(time: number, act: () => void): () => void;
  /** Calls back when whatever else waits, above all input and output, has had its turn. @returns what calls it off */
  soon(act: () => void): () => void;
}

/** How long one turn takes: nothing more is begun after so many milliseconds. */
const TURN = 5;

interface Entry {
  readonly time: number;
  act(time: number): void;
}

export class Agenda {
  readonly #clock: Clock;
  readonly #heap: Entry[] = [];
  #callOff: (() => void) | undefined;
  /** When the next turn comes; -Infinity: as soon as others have had theirs. */
  #timerTime = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back at this time, or as soon as possible afterwards, in the order of the times, with the time that was wanted. */
  add(time: number, act: (time: number) => void): void {
    push(this.#heap, { time, act });
    this.#arm();
  }

  /** Forgets everything. */
  clear(): void {
    this.#heap.length = 0;
    this.#callOff?.();
    this.#callOff = undefined;
    this.#timerTime = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    const [first] = this.#heap;
    if (first === undefined || first.time >= this.#timerTime) return;
    this.#callOff?.();
    this.#timerTime = first.time;
    this.#callOff = this.#clock.at(first.time, () => this.#run());
  }

  #run(): void {
    this.#timerTime = Number.POSITIVE_INFINITY;
    this.#callOff = undefined;
    // What is added meanwhile for a time that has come waits for the next turn, so that others get theirs.
    const until = this.#clock.now();
    for (let [first] = this.#heap; first !== undefined && first.time <= until; [first] = this.#heap) {
      if (this.#clock.now() - until >= TURN) {
        this.#timerTime = Number.NEGATIVE_INFINITY;
        this.#callOff = this.#clock.soon(() => this.#run());
        return;
      }
      pop(this.#heap);
      first.act(first.time);
    }
    this.#arm();
  }
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || parent.time <= entry.time) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const right = left + 1;
    const below =
      (heap[right]?.time ?? Number.POSITIVE_INFINITY) < (heap[left]?.time ?? Number.POSITIVE_INFINITY) ? right : left;
    const child = heap[below];
    if (child === undefined || child.time >= last.time) break;
    heap[index] = child;
    index = below;
  }
  heap[index] = last;
}
