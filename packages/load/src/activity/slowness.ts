import type { VirtualClient } from '../client/virtual-client.ts';
import type { Counts } from '../outcome.ts';
import type { Agenda, Clock } from '../schedule/agenda.ts';
import type { WorkerSlow } from '../worker/messages.ts';

/** How slow consumers read. */
export interface SlownessOptions {
  /** From 0 to 1. */
  readonly share: number;
  /** Messages in a second; 0 for none. */
  readonly rate: number;
}

/** Consumers that read slowly, or stop reading: who they are, and what became of them. */
export class Slowness {
  readonly #options: SlownessOptions;
  readonly #clock: Clock;
  readonly #agenda: Agenda;
  readonly #clients = new Set<VirtualClient>();
  readonly #closes: Record<string, number> = {};
  #received = 0;
  #lost = 0;
  #isOver = false;

  constructor(options: SlownessOptions | undefined, clock: Clock, agenda: Agenda) {
    this.#options = options ?? { share: 0, rate: 0 };
    this.#clock = clock;
    this.#agenda = agenda;
  }

  has(client: VirtualClient): boolean {
    return this.#clients.has(client);
  }

  /** Makes a share of these slow, evenly spread. @param ordinal the place of a client among all of the run that could be */
  begin(clients: Iterable<readonly [ordinal: number, client: VirtualClient]>): void {
    const { share } = this.#options;
    for (const [ordinal, client] of clients) {
      if (client.state !== 'ready' || Math.floor((ordinal + 1) * share) === Math.floor(ordinal * share)) continue;
      this.#clients.add(client);
      client.pause();
      if (this.#options.rate > 0) this.#readOneLater(client);
    }
  }

  received(client: VirtualClient): void {
    this.#received += 1;
    if (this.#isOver || this.#options.rate === 0) return;
    client.pause();
    this.#readOneLater(client);
  }

  gone(code: number): void {
    this.#closes[code] = (this.#closes[code] ?? 0) + 1;
  }

  missed(count: number): void {
    this.#lost += count;
  }

  /** They read what is left, and so learn what became of them. */
  end(): void {
    this.#isOver = true;
    for (const client of this.#clients) client.resume();
  }

  outcome(): WorkerSlow | undefined {
    if (this.#options.share === 0) return undefined;
    const closes: Counts = this.#closes;
    return { connections: this.#clients.size, received: this.#received, lost: this.#lost, closes };
  }

  #readOneLater(client: VirtualClient): void {
    this.#agenda.add(this.#clock.now() + 1000 / this.#options.rate, () => client.resume());
  }
}
