import type { VirtualClient } from '../client/virtual-client.ts';
import type { Phase } from '../scenario/schema.ts';
import type { Published, WorkerStorm } from '../worker/messages.ts';
import type { ActivityContext, ActivityRun } from './activity.ts';

type StormPhase = Extract<Phase, { readonly do: 'storm' }>;

interface Wave {
  readonly began: number;
  readonly away: Set<VirtualClient>;
  readonly dropped: number;
  lastReady: number;
}

/** From when until when a client waits that was refused, before it tries again, in milliseconds. */
const RETRY = { least: 500, most: 1000 };

/** Connections drop at once and come back. */
export class StormRun implements ActivityRun {
  readonly #context: ActivityContext<StormPhase>;
  readonly #waves: Wave[] = [];
  #retries = 0;
  #dropsNoMore = false;
  #isOver = false;

  constructor(context: ActivityContext<StormPhase>) {
    this.#context = context;
  }

  channelsOf(): readonly string[] {
    return [];
  }

  begin(start: number, end: number): void {
    const { phase, agenda } = this.#context;
    for (let wave = 0; wave < phase.waves; wave += 1) {
      agenda.add(start + ((end - start) * wave) / phase.waves, () => this.#drop(wave));
    }
  }

  ready(client: VirtualClient): void {
    for (const wave of this.#waves) {
      if (wave.away.delete(client)) wave.lastReady = this.#context.clock.now() - wave.began;
    }
  }

  failed(client: VirtualClient): void {
    const { agenda, clock } = this.#context;
    if (this.#isOver || !this.#waves.some(({ away }) => away.has(client))) return;
    this.#retries += 1;
    const chance = this.#context.random(`retry ${this.#retries} of ${client.index}`);
    agenda.add(clock.now() + RETRY.least + chance.next() * (RETRY.most - RETRY.least), () => this.#comeBack(client));
  }

  /** Who is away still comes back. */
  stop(): void {
    this.#dropsNoMore = true;
  }

  published(): Published {
    return [];
  }

  settle(): void {}

  isComplete(): boolean {
    return this.#waves.every(({ away }) => away.size === 0);
  }

  conclude(): void {
    this.#isOver = true;
  }

  storm(): WorkerStorm {
    const waves = this.#waves.map(({ dropped, away, lastReady }) => ({
      dropped,
      returned: dropped - away.size,
      lastReady,
    }));
    return { waves };
  }

  #drop(number: number): void {
    const { phase, clients, clock, agenda, random, tally } = this.#context;
    if (this.#dropsNoMore) return;
    const { share } = phase;
    const ready = [...clients].filter(
      ([index, client]) => client.state === 'ready' && Math.floor((index + 1) * share) > Math.floor(index * share),
    );
    const away = new Set(ready.map(([, client]) => client));
    const wave: Wave = { began: clock.now(), away, dropped: away.size, lastReady: 0 };
    this.#waves.push(wave);
    tally.counters.open -= away.size;
    for (const client of away) client.end(phase.drop);
    for (const client of away) {
      const chance = random(`return of ${client.index} in wave ${number}`);
      agenda.add(wave.began + chance.next() * phase.within, () => this.#comeBack(client));
    }
  }

  #comeBack(client: VirtualClient): void {
    if (!this.#isOver && client.state === 'closed') this.#context.reopen(client);
  }
}
