import type { ActivityRun } from '../activity/activity.ts';
import { createActivity } from '../activity/create.ts';
import type { ClientListener, Surroundings, VirtualClient } from '../client/virtual-client.ts';
import { Tally } from '../measure/tally.ts';
import type { Phase } from '../scenario/schema.ts';
import { openTime } from '../schedule/ramp.ts';
import { Random } from '../schedule/random.ts';
import type { Published } from './messages.ts';

// One phase in one worker: brings the connections there, and lets the activity have what happens on them.

export interface PhaseRunOptions {
  readonly phase: Phase;
  /** From 0 on. */
  readonly number: number;
  readonly seed: number;
  /** The connections of this worker, by index. Those of the phase are in it from the beginning. */
  readonly clients: ReadonlyMap<number, VirtualClient>;
  readonly surroundings: Surroundings;
  /** Of this worker, and how many there are. */
  readonly worker: { readonly index: number; readonly count: number };
}

/** How often it is looked whether everything has come, in milliseconds. */
const LOOK_EVERY = 20;

/** How long to wait at most for what is missing when a person wants the run to end, in milliseconds. */
const IMPATIENCE = 2000;

export class PhaseRun implements ClientListener {
  readonly tally = new Tally();
  readonly activity: ActivityRun;
  readonly #options: PhaseRunOptions;
  /** Connections that are not there yet, and the subscriptions that each of them still waits for. */
  readonly #coming = new Map<VirtualClient, Set<string>>();
  readonly #subscribeBegan = new Map<VirtualClient, number>();
  #allThere: () => void = () => {};
  #hasOpened = false;
  #hasStopped = false;

  constructor(options: PhaseRunOptions) {
    this.#options = options;
    const { phase, number, seed, clients, surroundings } = options;
    const { clock, agenda, target, kind } = surroundings;
    this.activity = createActivity(
      {
        phase,
        target,
        clock,
        agenda,
        tally: this.tally,
        clients,
        random: (name) => new Random(seed, `phase ${number}, ${name}`),
        reopen: (client) => this.#open(client),
      },
      kind,
    );
    surroundings.listener = this;
  }

  /** Opens what is missing. @param at when to begin */
  open(at: number): Promise<void> {
    const { clients, surroundings, phase, worker } = this.#options;
    for (const client of clients.values()) if (this.#hasTooMuch(client)) client.end('close');
    const there = [...clients.values()].filter(({ state }) => state === 'ready');
    const missing = [...clients.values()].filter(({ state }) => state !== 'ready');
    this.tally.counters.open = there.length;
    const opened = new Promise<void>((resolve) => {
      this.#allThere = resolve;
    });
    for (const client of clients.values()) this.#coming.set(client, new Set());
    for (const client of there) this.#subscribe(client);
    for (const [i, client] of missing.entries()) {
      const offset = openTime(phase.ramp, i * worker.count + worker.index, missing.length * worker.count);
      surroundings.agenda.add(at + offset, () => {
        if (this.#hasStopped) this.#arrive(client);
        else this.#open(client);
      });
    }
    this.#look();
    return opened;
  }

  /** Does what the phase does. @returns what has been sent, once all has been sent */
  async begin(at: number): Promise<Published> {
    const { phase, surroundings } = this.#options;
    this.#hasOpened = true;
    this.activity.begin(at, at + phase.duration);
    await new Promise<void>((resolve) => {
      this.#finish = resolve;
      surroundings.agenda.add(at + phase.duration, () => resolve());
      if (this.#hasStopped) resolve();
    });
    this.activity.stop();
    return this.activity.published();
  }

  #finish: () => void = () => {};

  /** Waits until nothing is missing, as long as that may take, and counts what is. */
  async settle(published: Published): Promise<void> {
    const { phase, surroundings } = this.#options;
    const { clock, agenda, target } = surroundings;
    this.activity.settle(published);
    const planned = 'grace' in phase ? phase.grace : phase.do === 'storm' ? target.timeout : 0;
    const until = clock.now() + (this.#hasStopped ? Math.min(planned, IMPATIENCE) : planned);
    await new Promise<void>((resolve) => {
      const look = () => {
        if (this.activity.isComplete() || clock.now() >= until) resolve();
        else agenda.add(clock.now() + LOOK_EVERY, look);
      };
      // What comes behind the last message, such as the same once more, is to be seen, too.
      agenda.add(clock.now() + LOOK_EVERY, look);
    });
    this.activity.conclude();
  }

  /** Opens nothing more and sends nothing more. */
  stop(): void {
    this.#hasStopped = true;
    this.activity.stop();
    this.#finish();
    for (const client of [...this.#coming.keys()]) if (client.state === 'closed') this.#arrive(client);
  }

  opened(_client: VirtualClient, took: number): void {
    this.tally.counters.opened += 1;
    this.tally.record('handshake', took);
  }

  ready(client: VirtualClient, took: number): void {
    this.tally.counters.open += 1;
    this.tally.record('ready', took);
    if (this.#coming.has(client)) this.#subscribe(client);
    else this.activity.ready?.(client);
  }

  failed(client: VirtualClient, why: string): void {
    this.tally.counters.failed += 1;
    this.tally.failed(why);
    this.#arrive(client);
    if (this.#hasOpened) this.activity.failed?.(client);
  }

  message(client: VirtualClient, text: string, size: number): void {
    this.tally.counters.bytesReceived += size;
    if (this.#hasOpened) this.activity.message?.(client, text);
  }

  subscribed(client: VirtualClient, channel: string, refusal: string | undefined): void {
    const began = this.#subscribeBegan.get(client);
    if (refusal !== undefined) this.tally.failed(refusal);
    else if (began !== undefined) this.tally.record('subscribe', this.#options.surroundings.clock.now() - began);
    const waiting = this.#coming.get(client);
    waiting?.delete(channel);
    if (waiting?.size === 0) this.#arrive(client);
  }

  answered(client: VirtualClient, id: number, refusal: string | undefined): void {
    if (this.#hasOpened) this.activity.answered?.(client, id, refusal);
  }

  problem(_client: VirtualClient, kind: string): void {
    this.tally.failed(kind);
  }

  gone(client: VirtualClient, code: number, why: string | undefined): void {
    this.tally.counters.open -= 1;
    this.#arrive(client);
    if (this.#hasOpened && this.activity.gone?.(client, code) === true) return;
    this.tally.counters.dropped += 1;
    this.tally.closed(code);
    if (why !== undefined) this.tally.failed(why);
  }

  #open(client: VirtualClient): void {
    this.tally.counters.attempted += 1;
    client.open();
  }

  #subscribe(client: VirtualClient): void {
    const channels = this.activity.channelsOf(client).filter((channel) => !client.channels.has(channel));
    const { clock, agenda, target } = this.#options.surroundings;
    if (channels.length === 0) {
      this.#arrive(client);
      return;
    }
    this.#coming.set(client, new Set(channels));
    this.#subscribeBegan.set(client, clock.now());
    for (const channel of channels) client.subscribe(channel, this.activity.subscribesBy);
    agenda.add(clock.now() + target.timeout, () => {
      if (!this.#coming.has(client)) return;
      this.tally.failed('A subscription was not answered in time');
      this.#arrive(client);
    });
  }

  /** Whether a connection of an earlier phase has subscriptions that this one would count as wrong. It begins anew. */
  #hasTooMuch(client: VirtualClient): boolean {
    const { do: does } = this.#options.phase;
    if (client.state !== 'ready' || (does !== 'echo' && does !== 'pubsub')) return false;
    const wanted = new Set(this.activity.channelsOf(client));
    return [...client.channels].some((channel) => !wanted.has(channel));
  }

  /** Nothing more is waited for. */
  #arrive(client: VirtualClient): void {
    this.#subscribeBegan.delete(client);
    if (this.#coming.delete(client)) this.#look();
  }

  #look(): void {
    if (this.#coming.size === 0) this.#allThere();
  }
}
