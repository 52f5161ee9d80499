import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { WebSocketInit } from '@tidewire/client';
import { dialogueKind } from '../client/kinds.ts';
import { type ClientListener, type Surroundings, VirtualClient } from '../client/virtual-client.ts';
import { Agenda } from '../schedule/agenda.ts';
import { RunClock } from './clock.ts';
import type { Answer, Command, WorkerStart } from './messages.ts';
import { PhaseRun } from './phase-run.ts';

// A worker: does what it is told with its part of the connections, and says every second what it has measured.

const SECOND = 1000;

/** How exactly the delay of the event loop is measured, in milliseconds. */
const DELAY_RESOLUTION = 10;

export class Agent {
  readonly #start: WorkerStart;
  readonly #answer: (answer: Answer) => void;
  readonly #clock: RunClock;
  readonly #agenda: Agenda;
  readonly #surroundings: Surroundings;
  readonly #clients = new Map<number, VirtualClient>();
  readonly #loopDelay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION });
  #utilization = performance.eventLoopUtilization();
  #run: PhaseRun | undefined;
  #phase = 0;
  #second = 0;
  #hasStopped = false;

  constructor(start: WorkerStart, answer: (answer: Answer) => void) {
    this.#start = start;
    this.#answer = answer;
    this.#clock = new RunClock(start.origin);
    this.#agenda = new Agenda(this.#clock);
    const { target } = start.scenario;
    const kind = dialogueKind(target.protocol);
    this.#surroundings = {
      target,
      kind,
      clock: this.#clock,
      agenda: this.#agenda,
      init: initOf(start),
      listener: deaf,
    };
    this.#loopDelay.enable();
  }

  async take(command: Command): Promise<void> {
    switch (command.type) {
      case 'open':
        return this.#open(command.phase, command.at);
      case 'begin': {
        const published = (await this.#run?.begin(command.at)) ?? [];
        return this.#answer({ type: 'sent', published });
      }
      case 'settle': {
        await this.#run?.settle(command.published);
        this.#report();
        const storm = this.#run?.activity.storm?.();
        const slow = this.#run?.activity.slow?.();
        return this.#answer({ type: 'settled', storm, slow });
      }
      case 'stop':
        this.#hasStopped = true;
        this.#run?.stop();
        return;
      case 'end':
        return this.#end();
    }
  }

  async #open(phase: number, at: number): Promise<void> {
    const { scenario, seed, index, count } = this.#start;
    const options = scenario.phases[phase];
    if (options === undefined) throw new RangeError(`There is no phase ${phase}`);
    const isFirst = this.#run === undefined;
    this.#phase = phase;
    const here = new Map<number, VirtualClient>();
    for (let i = index; i < options.connections; i += count) here.set(i, this.#clientOf(i));
    for (const [i, client] of this.#clients) {
      if (here.has(i)) continue;
      client.end('close');
      this.#clients.delete(i);
    }
    this.#run = new PhaseRun({
      phase: options,
      number: phase,
      seed,
      clients: here,
      surroundings: this.#surroundings,
      worker: { index, count },
    });
    if (isFirst) this.#reportEverySecond();
    if (this.#hasStopped) this.#run.stop();
    else await this.#run.open(at);
    this.#answer({ type: 'opened' });
  }

  #clientOf(index: number): VirtualClient {
    const known = this.#clients.get(index);
    if (known !== undefined) return known;
    const { scenario } = this.#start;
    const { target } = scenario;
    const url = target.url[index % target.url.length] ?? '';
    const client = new VirtualClient(index, this.#surroundings.kind.addressOf(url, target), this.#surroundings);
    this.#clients.set(index, client);
    return client;
  }

  #reportEverySecond(): void {
    this.#second = Math.floor(this.#clock.now() / SECOND);
    const next = () => {
      this.#report();
      this.#second = Math.floor(this.#clock.now() / SECOND);
      this.#agenda.add((this.#second + 1) * SECOND, next);
    };
    this.#agenda.add((this.#second + 1) * SECOND, next);
  }

  #report(): void {
    const run = this.#run;
    if (run === undefined) return;
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#utilization);
    this.#utilization = now;
    // The longest delay since the last report stands for it.
    if (this.#loopDelay.max > 0 && Number.isFinite(this.#loopDelay.max)) {
      run.tally.record('loopDelay', Math.max(0, this.#loopDelay.max / 1e6 - DELAY_RESOLUTION));
    }
    this.#loopDelay.reset();
    this.#answer({
      type: 'report',
      report: {
        phase: this.#phase,
        second: this.#second,
        counters: { ...run.tally.counters },
        closes: { ...run.tally.closes },
        errors: { ...run.tally.errors },
        examples: run.tally.examples,
        distributions: run.tally.takeDistributions(),
        busy: utilization,
      },
    });
  }

  #end(): void {
    this.#agenda.clear();
    for (const client of this.#clients.values()) client.end('close');
    this.#loopDelay.disable();
    this.#answer({ type: 'ended' });
  }
}

/** What the WebSocket of each connection is opened with. */
export function initOf({ scenario, ca }: Pick<WorkerStart, 'scenario' | 'ca'>): WebSocketInit {
  const { target } = scenario;
  const kind = dialogueKind(target.protocol);
  return {
    protocols: target.subprotocols ?? kind.subprotocols,
    headers: { ...kind.headersOf(target), ...target.headers },
    origin: target.origin,
    tls: { ...(ca === undefined ? {} : { ca }), rejectUnauthorized: !target.insecure },
    deflate: target.compression,
    handshakeTimeout: target.timeout,
    // RFC 6455 has clients open one connection after the other, which would be a load test of the waiting.
    connectInParallel: true,
    allowBlockedPorts: true,
  };
}

const deaf: ClientListener = {
  opened: () => {},
  ready: () => {},
  failed: () => {},
  message: () => {},
  subscribed: () => {},
  answered: () => {},
  problem: () => {},
  gone: () => {},
};
