import { expect, onTestFinished, test, vi } from 'vitest';
import type { Ask, Outcome } from '../../src/operate/ask.ts';
import {
  type Figures,
  latencyNames,
  type NodeStats,
  type StatsAnswer,
  totalNames,
} from '../../src/operate-messages.ts';
import { MOMENTS, Watch } from '../../src/overview/watch.ts';
import { worriesOf } from '../../src/overview/worries.ts';

/** What a node measures `seconds` after the beginning, if all totals grow by `rate` a second. */
function figures(seconds: number, rate: number): Figures {
  const byName = <Name extends string, Value>(names: readonly Name[], value: Value) =>
    Object.fromEntries(names.map((name) => [name, value])) as Record<Name, Value>;
  return {
    time: 1_000_000 + seconds * 1000,
    engine: { name: 'memory', isUp: true },
    totals: byName(totalNames, seconds * rate),
    latencies: byName(latencyNames, { bounds: [0.001, 0.01], counts: [seconds * 9, seconds, 0], sum: seconds }),
    process: { cpu: seconds * 0.25, memory: 1000, heap: 500, lag: { p50: 0, p99: rate / 1000, max: rate / 1000 } },
    network: { connections: 1, unsent: 0 },
  };
}

const node = (id: string, more: Partial<NodeStats> = {}): NodeStats => ({
  id,
  name: id,
  version: '1.0.0',
  uptime: 5,
  connections: 10,
  users: 5,
  channels: 3,
  subscriptions: 20,
  state: 'ready',
  slow: 1,
  ...more,
});

/** A watch of a service that answers what it is told to. */
function watching() {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
  onTestFinished(() => void vi.useRealTimers());
  let next: Outcome<StatsAnswer> = { ok: true, value: { nodes: [], silent: [] } };
  const ask = (async () => next) as unknown as Ask;
  const watch = new Watch(ask);
  const tell = async (nodes: readonly NodeStats[], silent: StatsAnswer['silent'] = []) => {
    next = { ok: true, value: { nodes, silent } };
    vi.setSystemTime(Date.now() + 1000);
    return watch.ask();
  };
  const fail = async () => {
    next = { ok: false, trouble: { kind: 'unreachable', text: 'The service does not answer.' } };
    vi.setSystemTime(Date.now() + 1000);
    return watch.ask();
  };
  return { watch, tell, fail };
}

test('all nodes together are the sum of what they hold and do, and the worst lag', async () => {
  const { watch, tell } = watching();
  for (let second = 1; second <= 3; second++) {
    await tell([node('a', { figures: figures(second, 10) }), node('b', { figures: figures(second, 30) })]);
  }
  const all = watch.reading('');
  expect(all).toMatchObject({ connections: 20, subscriptions: 40, slow: 2 });
  expect(all?.measured?.rates.publications).toBeCloseTo(40);
  expect(all?.measured?.rates.slow).toBeCloseTo(120);
  expect(all?.measured?.cpu).toBeCloseTo(0.5);
  expect(all?.measured?.memory).toBe(2000);
  expect(all?.measured?.lag.p99).toBeCloseTo(0.03);
  expect(all?.measured?.latencies.delivery?.p99).toBeCloseTo(0.0091);
  expect(watch.reading('a')?.measured?.rates.deliveries).toBeCloseTo(10);
});

test('the first answer tells no rates, nor does one that was told before', async () => {
  const { watch, tell } = watching();
  await tell([node('a', { figures: figures(1, 10) })]);
  expect(watch.reading('a')?.connections).toBe(10);
  expect(watch.reading('a')?.measured).toBeUndefined();
  await tell([node('a', { figures: figures(2, 10) })]);
  await tell([node('a', { figures: figures(2, 10) })]);
  expect(watch.reading('a')?.measured?.rates.publications).toBeCloseTo(10);
});

test('a node that measures nothing is shown with what it holds', async () => {
  const { watch, tell } = watching();
  await tell([node('a'), node('b', { figures: figures(1, 10) })]);
  await tell([node('a'), node('b', { figures: figures(2, 10) })]);
  expect(watch.reading('')).toMatchObject({ connections: 20 });
  expect(watch.reading('')?.measured?.rates.publications).toBeCloseTo(10);
});

test('a node that does not answer, and one that has gone, are kept and named', async () => {
  const { watch, tell } = watching();
  await tell([node('a'), node('b'), node('c')]);
  expect(worriesOf(watch)).toEqual([]);
  await tell([node('a')], [{ id: 'b', name: 'b' }]);
  expect(watch.nodes.map(({ id, presence }) => [id, presence])).toEqual([
    ['a', 'there'],
    ['b', 'silent'],
    ['c', 'gone'],
  ]);
  expect(worriesOf(watch)).toEqual(['b (b) does not answer: its clients are not counted.', 'c (c) has gone.']);
  expect(watch.moments('b').at(-1)?.reading).toBeUndefined();
  await tell([node('a'), node('b'), node('c')]);
  expect(watch.nodes.every(({ presence }) => presence === 'there')).toBe(true);
});

test('different versions, a lost engine and a node that ends are told', async () => {
  const { watch, tell } = watching();
  await tell([node('a', { state: 'interrupted' }), node('b', { version: '1.1.0', state: 'draining' })]);
  expect(worriesOf(watch)).toEqual([
    'a (a) cannot reach its engine.',
    'b (b) is ending, and sends its clients away.',
    'The nodes are of different versions: 1.0.0, 1.1.0.',
  ]);
});

test('while the service does not answer there are gaps, and it is said of when the numbers are', async () => {
  const { watch, tell, fail } = watching();
  await tell([node('a')]);
  expect(await fail()).toBe(false);
  expect(watch.reading('')).toBeUndefined();
  expect(worriesOf(watch)[0]).toMatch(/^The service does not answer\. What you see is of \d\d:\d\d:\d\d\.$/);
  expect(await tell([node('a')])).toBe(true);
  expect(worriesOf(watch)).toEqual([]);
});

test('it holds the last minutes, and no more nodes that have gone than it shows', async () => {
  const { watch, tell } = watching();
  for (let round = 0; round < MOMENTS + 50; round++) await tell([node('a'), node(`passing ${round}`)]);
  expect(watch.moments('')).toHaveLength(MOMENTS);
  expect(watch.moments('a')).toHaveLength(MOMENTS);
  expect(watch.nodes.length).toBeLessThan(30);
});
