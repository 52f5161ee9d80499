/** What was probably meant; `undefined` if nothing is near. */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  const plain = plainOf(written);
  let best: string | undefined;
  // One slip in three characters; and not all of them, or one letter would be every other.
  let least = Math.min(plain.length - 1, Math.max(1, Math.floor(plain.length / 3))) + 1;
  for (const word of known) {
    const slips = distance(plain, plainOf(word));
    if (slips >= least) continue;
    best = word;
    least = slips;
  }
  return best;
}

function plainOf(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '').slice(0, 64);
}

/** Characters to insert, leave out or replace. */
function distance(one: string, other: string): number {
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = (last[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1);
      current.push(Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replaced));
    }
    last = current;
  }
  return last[other.length] ?? 0;
}
