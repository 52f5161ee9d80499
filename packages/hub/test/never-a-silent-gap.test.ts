import { type Hub, MemoryNetwork } from '@tidewire/hub';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FaultyEngine } from './support/faulty-engine.ts';
import { Follower } from './support/follower.ts';
import { settled, startHub } from './support/visiting.ts';

// Whatever happens to clients and to what the engine tells, every follower ends with every publication once and in order, or
// was told that it has missed some, exactly where the retention had run out.

const ACTIONS = [
  ...['publish', 'publish', 'publish', 'publish', 'publish all at once'],
  ...['come', 'come', 'cut', 'subscribe', 'unsubscribe', 'go elsewhere'],
  ...['lose', 'repeat', 'refuse', 'hold', 'release', 'delay', 'answer', 'interrupt', 'resume'],
  ...['let turns pass', 'let time pass'],
] as const;

type Step = readonly [action: (typeof ACTIONS)[number], which: number];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function follow(steps: readonly Step[], size: number): Promise<void> {
  const network = new MemoryNetwork();
  const engines = [new FaultyEngine(network), new FaultyEngine(network)];
  const namespaces = { chat: { subscribe: 'everyone', history: { size, ttl: 3_600_000 } } } as const;
  const hubs = await Promise.all(engines.map((engine) => startHub({ engine, namespaces })));
  try {
    await followWith(hubs, engines, steps, size);
  } finally {
    await Promise.all(hubs.map((hub) => hub.stop()));
  }
}

async function followWith(
  hubs: readonly Hub[],
  engines: readonly FaultyEngine[],
  steps: readonly Step[],
  size: number,
): Promise<void> {
  let published = 0;
  const followers = [0, 1, 2, 3].map(() => new Follower('chat:a', () => published));
  const pick = <T>(all: readonly T[], which: number): T => all[which % all.length] ?? expect.unreachable();
  const come = async (follower: Follower, which: number) => {
    if (!follower.isConnected) await follower.connect(pick(hubs, which));
    follower.subscribe();
  };
  for (const [action, which] of steps) {
    const follower = pick(followers, which);
    const engine = pick(engines, which >> 2);
    if (action === 'publish') await hubs[0]?.publish('chat:a', ++published);
    else if (action === 'publish all at once') {
      await Promise.all([1, 2, 3].map(() => hubs[which % 2]?.publish('chat:a', ++published)));
    } else if (action === 'come') await come(follower, which >> 2);
    else if (action === 'cut') follower.cut();
    else if (action === 'subscribe') follower.subscribe();
    else if (action === 'unsubscribe') await follower.unsubscribe();
    else if (action === 'go elsewhere') {
      follower.cut();
      await come(follower, which >> 2);
    } else if (action === 'lose') engine.losing += 1 + (which & 1);
    else if (action === 'repeat') engine.repeating += 1;
    else if (action === 'refuse') engine.refusing += 1 + (which & 3);
    else if (action === 'let turns pass') await settled();
    else if (action === 'let time pass') await vi.advanceTimersByTimeAsync(which * 700);
    else engine[action]();
  }
  // Everything works again, and everybody comes back.
  for (const engine of engines) {
    Object.assign(engine, { repeating: 0, refusing: 0 });
    if (engine.losing !== Number.POSITIVE_INFINITY) engine.losing = 0;
    engine.resume();
    engine.answer();
    engine.release();
  }
  for (const [i, follower] of followers.entries()) await come(follower, i);
  // Long enough for every retry, and for a look at the positions of channels that are silent.
  for (let i = 0; i < 2; i++) {
    await vi.advanceTimersByTimeAsync(45_000);
    for (const follower of followers) await follower.subscribe();
  }
  for (const follower of followers) {
    expect(follower.faults).toEqual([]);
    expect(follower.isIn).toBe(true);
    check(follower.log, published, size);
  }
}

/** The publications are numbered as their offsets are, from 1. */
function check(log: Follower['log'], published: number, size: number): void {
  let last: number | undefined;
  for (const entry of log) {
    if (typeof entry === 'number') {
      if (last !== undefined) expect(entry).toBe(last + 1);
      last = entry;
    } else {
      expect(entry.newest - entry.from).toBeGreaterThan(size);
      last = entry.to;
    }
  }
  if (last !== undefined) expect(last).toBe(published);
}

const step = fc.tuple(fc.constantFrom(...ACTIONS), fc.nat(15));
const steps = fc.array(step, { minLength: 5, maxLength: 60 });

describe('followers of a channel', () => {
  it.each([
    ['where the retention is long', 1000],
    ['where the retention runs out', 3],
  ])(
    'get everything once and in order, or are told (%s)',
    async (_, size) => {
      await fc.assert(
        fc.asyncProperty(steps, (each) => follow(each, size)),
        { numRuns: Number(process.env.RUNS ?? 40), verbose: 1, endOnFailure: process.env.RUNS !== undefined },
      );
    },
    120_000,
  );
});
