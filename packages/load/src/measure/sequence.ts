// Whether what comes from one sender is everything, once, and in order. What is missing is kept as ranges, so that a long gap costs
// no more than a short one.

export type Arrival = 'inOrder' | 'ahead' | 'late' | 'duplicate';

/** Numbers that are missing, from the first to the last of them. */
export type Gap = readonly [first: number, last: number];

/** With more gaps than this, the oldest is given up: what it has is lost. */
const MAX_GAPS = 10_000;

export class Sequence {
  /** The lowest number above all that have come. */
  #next = 1;
  #gaps: Gap[] = [];
  #given: number = 0;
  #firstGiven: number | undefined;

  /** Takes the number of a message that has come, from 1 on. */
  arrived(number: number): Arrival {
    if (number === this.#next) {
      this.#next += 1;
      return 'inOrder';
    }
    if (number > this.#next) {
      this.#gaps.push([this.#next, number - 1]);
      this.#next = number + 1;
      this.#trim();
      return 'ahead';
    }
    const index = this.#gaps.findLastIndex(([first, last]) => first <= number && number <= last);
    const gap = this.#gaps[index];
    if (gap === undefined) return 'duplicate';
    const [first, last] = gap;
    const left: Gap[] = [
      [first, number - 1],
      [number + 1, last],
    ];
    this.#gaps.splice(index, 1, ...left.filter(([from, to]) => from <= to));
    return 'late';
  }

  /** How many of the numbers from 1 to `sent` have not come. */
  missing(sent: number): number {
    const inGaps = this.#gaps.reduce((sum, [first, last]) => sum + last - first + 1, this.#given);
    return inGaps + Math.max(0, sent - this.#next + 1);
  }

  /** The lowest number that has not come, of those from 1 to `sent`. */
  firstMissing(sent: number): number | undefined {
    const first = this.#firstGiven ?? this.#gaps[0]?.[0] ?? this.#next;
    return first <= sent ? first : undefined;
  }

  #trim(): void {
    if (this.#gaps.length <= MAX_GAPS) return;
    const [first, last] = this.#gaps.shift() ?? [0, -1];
    this.#given += last - first + 1;
    this.#firstGiven ??= first;
  }
}
