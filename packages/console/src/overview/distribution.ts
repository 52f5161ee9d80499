import type { Distribution } from '../operate-messages.ts';

// What happened between two counts of latencies, and what quantile of it took how long.

/** @param before `undefined` if there was nothing: all counts then */
export function difference(after: Distribution, before: Distribution | undefined): Distribution {
  if (before === undefined || !areAlike(after, before)) return after;
  const counts = after.counts.map((count, index) => count - (before.counts[index] ?? 0));
  return { bounds: after.bounds, counts, sum: after.sum - before.sum };
}

/** Of several nodes together; those that count by other bounds than the first are left out. */
export function together(all: readonly Distribution[]): Distribution | undefined {
  const [first] = all;
  if (first === undefined) return undefined;
  const alike = all.filter((each) => areAlike(first, each));
  const sum = (read: (each: Distribution) => number) => alike.reduce((sum, each) => sum + read(each), 0);
  return {
    bounds: first.bounds,
    counts: first.counts.map((_count, index) => sum(({ counts }) => counts[index] ?? 0)),
    sum: sum((each) => each.sum),
  };
}

/**
 * As if what is in a bucket were spread evenly in it, as Prometheus has it.
 * @param part from 0 to 1
 * @returns seconds; `undefined` if there is nothing
 */
export function quantile({ bounds, counts }: Distribution, part: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return undefined;
  const wanted = part * total;
  let before = 0;
  for (const [index, count] of counts.entries()) {
    if (count > 0 && before + count >= wanted) {
      const low = index === 0 ? 0 : (bounds[index - 1] ?? 0);
      const high = bounds[index] ?? low;
      return low + ((wanted - before) / count) * (high - low);
    }
    before += count;
  }
  return bounds.at(-1);
}

function areAlike(one: Distribution, other: Distribution): boolean {
  return one.bounds.length === other.bounds.length && one.bounds.every((bound, index) => bound === other.bounds[index]);
}
