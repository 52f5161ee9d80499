/** What was probably meant; `undefined` if nothing is near. */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  const plain = plainOf(written);
  let best: string | undefined;
  // One slip in three characters; and not all of them, or one letter would be every other.
  let least = Math.min(plain.length - 1, Math.max(1, Math.floor(plain.length / 3))) + 1;
  for (const word of known) {
    const slips = distance(plain, plainOf(word), least);
    if (slips >= least) continue;
    best = word;
    least = slips;
  }
  return best;
}

/** `max_connections` and `max-connections` are `maxConnections`. */
function plainOf(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '').slice(0, 64);
}

/** Characters to insert, leave out, replace or swap with their neighbours. `limit` or more may be said to be more. */
function distance(one: string, other: string, limit: number): number {
  if (Math.abs(one.length - other.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[other.length] ?? limit;
}
