import type { GeneratorOutcome, PhaseOutcome, SlowOutcome, StormOutcome, Times } from '../outcome.ts';
import type { Phase } from '../scenario/schema.ts';
import type { WorkerSlow, WorkerStorm } from '../worker/messages.ts';
import type { Collector } from './collector.ts';

/** What each worker has said at the end of a phase. */
export interface Settled {
  readonly storm: WorkerStorm | undefined;
  readonly slow: WorkerSlow | undefined;
}

export interface PhaseFacts {
  readonly phase: Phase;
  readonly collector: Collector;
  readonly settled: readonly Settled[];
  /** Milliseconds since the run began. */
  readonly start: number;
  readonly rampDuration: number;
  readonly duration: number;
  readonly machine: number;
}

export function phaseOutcome(facts: PhaseFacts): PhaseOutcome {
  const { phase, collector, settled, start, rampDuration, duration } = facts;
  const { counters } = collector;
  return {
    name: phase.name ?? phase.do,
    does: phase.do,
    start: start / 1000,
    duration,
    rampDuration,
    connections: phase.connections,
    counters,
    sendRate: counters.sent / (duration / 1000),
    receiveRate: counters.received / (duration / 1000),
    latency: collector.times('latency'),
    serviceTime: collector.times('serviceTime'),
    lateness: collector.times('lateness'),
    handshake: collector.times('handshake'),
    ready: collector.times('ready'),
    subscribe: collector.times('subscribe'),
    closes: collector.closes,
    errors: collector.errors,
    examples: collector.examples,
    storm: stormOf(settled),
    slow: slowOf(settled, collector.times('slowLatency')),
    generator: generatorOf(facts),
    moments: collector.moments(),
    curve: collector.curve(),
  };
}

/** All waves of all workers: a wave is over when the last connection of the last worker is back. */
function stormOf(settled: readonly Settled[]): StormOutcome | undefined {
  const storms = settled.flatMap(({ storm }) => (storm === undefined ? [] : [storm]));
  if (storms.length === 0) return undefined;
  const count = Math.max(...storms.map(({ waves }) => waves.length));
  const waves = Array.from({ length: count }, (_, i) => {
    const parts = storms.flatMap(({ waves }) => waves[i] ?? []);
    const dropped = parts.reduce((sum, part) => sum + part.dropped, 0);
    const returned = parts.reduce((sum, part) => sum + part.returned, 0);
    const last = Math.max(0, ...parts.map(({ lastReady }) => lastReady));
    return { dropped, returned, allBack: returned === dropped ? last : undefined };
  });
  return { waves };
}

function slowOf(settled: readonly Settled[], latency: Times | undefined): SlowOutcome | undefined {
  const parts = settled.flatMap(({ slow }) => (slow === undefined ? [] : [slow]));
  if (parts.length === 0) return undefined;
  const closes: Record<string, number> = {};
  for (const part of parts) {
    for (const [code, count] of Object.entries(part.closes)) closes[code] = (closes[code] ?? 0) + count;
  }
  const sum = (of: 'connections' | 'received' | 'lost') => parts.reduce((total, part) => total + part[of], 0);
  return { connections: sum('connections'), received: sum('received'), lost: sum('lost'), closes, latency };
}

/** From here on the generator was the limit, or may have been. */
const MOST = {
  /** Of a worker's time. */
  busy: 0.9,
  /** Milliseconds that one message in a hundred was sent later than planned. */
  lateness: 20,
  /** Milliseconds that the event loop was held up at the worst moment of an ordinary second. */
  loopDelay: 30,
};

function generatorOf({ collector, machine, phase }: PhaseFacts): GeneratorOutcome {
  const { busiest } = collector;
  const loopDelay = collector.times('loopDelay');
  const lateness = collector.times('lateness');
  const limits: string[] = [];
  if (busiest > MOST.busy) limits.push(`a worker was busy for ${Math.round(busiest * 100)} % of the time`);
  if (lateness !== undefined && lateness.p99 > MOST.lateness)
    limits.push(`one message in a hundred was sent ${lateness.p99.toFixed(0)} ms or more after it was due`);
  if (loopDelay !== undefined && phase.do !== 'idle' && loopDelay.p50 > MOST.loopDelay)
    limits.push(
      `the event loop of a worker was held up for ${loopDelay.p50.toFixed(0)} ms or more in half of all seconds`,
    );
  return { busiest, machine, loopDelay, limits };
}
