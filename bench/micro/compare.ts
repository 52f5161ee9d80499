import { Bench } from 'tinybench';

/** Calls per sample: so that the clock is not what is measured. */
const CALLS = 500;
/** Milliseconds for each way, after as many to warm up. */
const TIME = 60;

export interface Way {
  readonly name: string;
  /** How many times one call does it. Default 1. */
  readonly times?: number;
  run(): unknown;
}

/** Prints what ways to do the same cost at several sizes, in nanoseconds a time, and marks the cheapest. */
export async function compare(
  title: string,
  sizes: readonly number[],
  waysFor: (size: number) => readonly Way[],
): Promise<void> {
  const rows: Record<string, Record<string, string>> = {};
  for (const size of sizes) {
    const column = `${size.toLocaleString('en')} B`;
    const ways = waysFor(size);
    const costs = await measure(ways);
    const cheapest = Math.min(...costs);
    for (const [i, { name }] of ways.entries()) {
      const cost = costs[i] ?? 0;
      rows[name] ??= {};
      rows[name][column] = `${cost < 100 ? cost.toFixed(1) : cost.toFixed(0)}${cost === cheapest ? ' *' : ''}`;
    }
  }
  console.log(`\n${title}, nanoseconds`);
  console.table(rows);
}

/** What the ways hand out; kept, so that no compiler takes the work for useless. */
export const kept: { last: unknown } = { last: undefined };

async function measure(ways: readonly Way[]): Promise<number[]> {
  const bench = new Bench({ time: TIME, warmupTime: TIME });
  for (const { name, run } of ways) {
    bench.add(name, () => {
      for (let i = 0; i < CALLS; i++) kept.last = run();
    });
  }
  const tasks = await bench.run();
  return tasks.map(({ result }, i) =>
    'latency' in result ? (result.latency.p50 * 1e6) / CALLS / (ways[i]?.times ?? 1) : Number.NaN,
  );
}
