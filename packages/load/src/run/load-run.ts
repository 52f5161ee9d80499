import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Counters, Moment, Outcome, PhaseOutcome } from '../outcome.ts';
import type { Phase, Scenario } from '../scenario/schema.ts';
import { RunClock } from '../worker/clock.ts';
import type { Report } from '../worker/messages.ts';
import { Collector } from './collector.ts';
import { Crew } from './crew.ts';
import { MachineWatch } from './machine.ts';
import { phaseOutcome, type Settled } from './phase-outcome.ts';
import { probe } from './probe.ts';

// Leads the workers through the phases of a scenario: all begin a phase at the same moment, and it is over when all are done.

/** How long before its beginning a phase is announced, in milliseconds, so that it begins everywhere at once. */
const NOTICE = 50;

/** What a run is doing, for who watches it. */
export interface Progress {
  readonly phase: number;
  readonly name: string;
  readonly stage: 'opening' | 'running' | 'settling';
  /** Whether it was told to end early. */
  readonly isEnding: boolean;
  /** Milliseconds since the stage began. */
  readonly elapsed: number;
  /** Of the stage, as planned, in milliseconds; `undefined` if nobody knows. */
  readonly planned: number | undefined;
  readonly counters: Counters;
  /** The last minute. */
  readonly moments: readonly Moment[];
  readonly busiest: number;
}

export class LoadRun {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly workers: number;
  readonly #origin = process.hrtime.bigint();
  readonly #clock = new RunClock(this.#origin);
  #crew: Crew | undefined;
  #collector = new Collector();
  #phase = 0;
  #stage: Progress['stage'] = 'opening';
  #stageBegan = 0;
  #wasStopped = false;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.seed = scenario.seed ?? randomInt(2 ** 32);
    const most = Math.max(...scenario.phases.map(({ connections }) => connections));
    this.workers = Math.min(scenario.workers ?? Math.max(1, availableParallelism() - 1), most);
  }

  /**
   * Does all of it.
   * @throws UnreachableError if a server is not there; an error of the system if a certificate authority cannot be read
   */
  async run(): Promise<Outcome> {
    const { target } = this.scenario;
    const ca = target.ca === undefined ? undefined : readFileSync(target.ca, 'utf8');
    await probe({ scenario: this.scenario, ca });
    const startedAt = new Date().toISOString();
    const { scenario, seed, workers } = this;
    this.#crew = new Crew({ scenario, seed, count: workers, origin: this.#origin, ca }, (worker, report) =>
      this.#reported(worker, report),
    );
    const phases: PhaseOutcome[] = [];
    try {
      for (const [number, phase] of scenario.phases.entries()) {
        if (this.#wasStopped) break;
        phases.push(await this.#runPhase(this.#crew, number, phase));
      }
      await this.#crew.ask({ type: 'end' }, 'ended');
    } finally {
      await this.#crew.end();
    }
    return {
      name: scenario.name,
      startedAt,
      seed,
      workers,
      urls: target.url.map(withoutCredentials),
      protocol: target.protocol,
      generator: {
        node: process.version,
        cores: availableParallelism(),
        isLimit: phases.some(({ generator }) => generator.limits.length > 0),
      },
      wasInterrupted: this.#wasStopped,
      phases,
    };
  }

  /** Ends the run early; it still has an outcome. */
  stop(): void {
    this.#wasStopped = true;
    this.#crew?.tell({ type: 'stop' });
  }

  progress(): Progress {
    const phase = this.scenario.phases[this.#phase];
    const stage = this.#stage;
    const planned = stage === 'opening' ? phase?.ramp.over : stage === 'running' ? phase?.duration : undefined;
    return {
      phase: this.#phase,
      name: phase?.name ?? phase?.do ?? '',
      stage,
      isEnding: this.#wasStopped,
      elapsed: this.#clock.now() - this.#stageBegan,
      planned,
      counters: this.#collector.counters,
      moments: this.#collector.moments(60),
      busiest: this.#collector.busiest,
    };
  }

  async #runPhase(crew: Crew, number: number, phase: Phase): Promise<PhaseOutcome> {
    const collector = new Collector();
    this.#collector = collector;
    this.#phase = number;
    const opening = this.#begin('opening');
    await crew.ask({ type: 'open', phase: number, at: opening }, 'opened');
    const rampDuration = Math.max(0, this.#clock.now() - opening);
    const machine = new MachineWatch();
    const running = this.#begin('running');
    collector.isRunning = true;
    const sent = await crew.ask({ type: 'begin', at: running }, 'sent');
    collector.isRunning = false;
    const duration = Math.max(1, this.#clock.now() - running);
    const busy = machine.take();
    this.#begin('settling');
    const published = sent.flatMap((answer) => answer.published);
    const settled: readonly Settled[] = await crew.ask({ type: 'settle', published }, 'settled');
    return phaseOutcome({ phase, collector, settled, start: running, rampDuration, duration, machine: busy });
  }

  #begin(stage: Progress['stage']): number {
    this.#stage = stage;
    this.#stageBegan = this.#clock.now() + NOTICE;
    return this.#stageBegan;
  }

  #reported(worker: number, report: Report): void {
    if (report.phase === this.#phase) this.#collector.take(worker, report);
  }
}

/** A URL for people: without user and password, and without its query, in which there may be a token. */
export function withoutCredentials(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
