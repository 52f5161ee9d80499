import type { DialogueKind } from '../client/dialogue.ts';
import type { VirtualClient } from '../client/virtual-client.ts';
import { Sequence } from '../measure/sequence.ts';
import { type Stamp, type StampReader, Template } from '../message/template.ts';
import type { Phase } from '../scenario/schema.ts';
import type { Published } from '../worker/messages.ts';
import type { ActivityContext, ActivityRun } from './activity.ts';
import { andMore } from './echo.ts';
import { Layout } from './layout.ts';
import { Sending } from './sending.ts';
import { Slowness } from './slowness.ts';

type PubSubPhase = Extract<Phase, { readonly do: 'pubsub' }>;

/** What one subscriber has had of each publisher. */
interface Subscriber {
  readonly sequences: Map<number, Sequence>;
  /** How many have come, each counted once. */
  came: number;
  hasGone: boolean;
}

/** Publishers send to channels; every subscriber of a channel gets everything once, in the order of its publisher. */
export class PubSubRun implements ActivityRun {
  readonly #context: ActivityContext<PubSubPhase>;
  readonly #layout: Layout;
  readonly #sending: Sending;
  readonly #reader: StampReader;
  readonly #slowness: Slowness;
  readonly #subscribers = new Map<VirtualClient, Subscriber>();
  readonly #publishersListen: boolean;
  readonly subscribesBy: string | undefined;
  #start = 0;
  #published = new Map<number, number>();

  constructor(context: ActivityContext<PubSubPhase>, kind: DialogueKind) {
    this.#context = context;
    this.#layout = new Layout({ ...context.phase, channel: context.phase.channel ?? kind.channel });
    this.#sending = new Sending(context);
    this.#reader = new Template(context.phase.message).reader();
    this.#slowness = new Slowness(context.phase.slow, context.clock, context.agenda);
    this.#publishersListen = kind.publishersSubscribe;
    this.subscribesBy = context.phase.subscribe;
  }

  channelsOf({ index }: VirtualClient): readonly string[] {
    const { phase, target } = this.#context;
    const isPublisher = this.#layout.isPublisher(index);
    if (isPublisher) return this.#publishersListen ? [this.#layout.nameOf(this.#layout.channelOf(index))] : [];
    const channels = this.#layout.channelsOf(index);
    if (target.protocol !== 'plain') return channels.map((channel) => this.#layout.nameOf(channel));
    return phase.subscribe === undefined
      ? []
      : channels.map((channel) => this.#layout.written(phase.subscribe ?? '', channel));
  }

  begin(start: number, end: number): void {
    this.#start = start;
    const { clients } = this.#context;
    const subscribers = [...clients].filter(([index]) => !this.#layout.isPublisher(index));
    for (const [, client] of subscribers) {
      this.#subscribers.set(client, { sequences: new Map(), came: 0, hasGone: client.state !== 'ready' });
    }
    this.#slowness.begin(
      subscribers.map(([index, client]) => [index - this.#context.phase.publishers, client] as const),
    );
    for (const [index, client] of clients) {
      if (!this.#layout.isPublisher(index)) continue;
      const channel = this.#layout.nameOf(this.#layout.channelOf(index));
      this.#sending.schedule(client, start, end, channel, (body) => client.send(body, channel));
    }
  }

  message(client: VirtualClient, text: string): void {
    const subscriber = this.#subscribers.get(client);
    // What a publisher gets of its own or of others is nothing that anybody counts on.
    if (subscriber === undefined) return;
    let count = 0;
    this.#reader.read(text, (stamp) => {
      count += 1;
      this.#arrived(client, subscriber, stamp);
    });
    if (count === 0) this.#unexpected(client, text);
  }

  gone(client: VirtualClient, code: number): boolean {
    const subscriber = this.#subscribers.get(client);
    if (subscriber !== undefined) subscriber.hasGone = true;
    if (!this.#slowness.has(client)) return false;
    this.#slowness.gone(code);
    return true;
  }

  stop(): void {
    this.#sending.stop();
  }

  published(): Published {
    return this.#sending.published();
  }

  settle(published: Published): void {
    this.#published = new Map(published);
    this.#slowness.end();
  }

  isComplete(): boolean {
    for (const [client, { came, hasGone }] of this.#subscribers) {
      if (!hasGone && came < this.#expectedOf(client)) return false;
    }
    return true;
  }

  conclude(): void {
    const { counters } = this.#context.tally;
    for (const [client, { sequences, hasGone }] of this.#subscribers) {
      for (const publisher of this.#layout.publishersFor(client.index)) {
        const sent = this.#published.get(publisher) ?? 0;
        const sequence = sequences.get(publisher) ?? new Sequence();
        const missing = sequence.missing(sent);
        counters.expected += sent;
        if (missing === 0) continue;
        if (this.#slowness.has(client)) this.#slowness.missed(missing);
        else if (hasGone) counters.lostWithConnection += missing;
        else this.#lost(client, publisher, missing, sequence.firstMissing(sent));
      }
    }
  }

  slow() {
    return this.#slowness.outcome();
  }

  #expectedOf({ index }: VirtualClient): number {
    let sum = 0;
    for (const publisher of this.#layout.publishersFor(index)) sum += this.#published.get(publisher) ?? 0;
    return sum;
  }

  #arrived(client: VirtualClient, subscriber: Subscriber, { connection, sequence, time }: Stamp): void {
    const { tally, clock } = this.#context;
    const { counters } = tally;
    const publisher = connection - 1;
    const isOld = time < this.#start * 1000 - 1;
    if (isOld || sequence < 1 || !this.#layout.isFor(publisher, client.index)) {
      this.#unexpected(client, `message ${sequence} of connection ${connection}`);
      return;
    }
    counters.received += 1;
    const isSlow = this.#slowness.has(client);
    if (isSlow) this.#slowness.received(client);
    let known = subscriber.sequences.get(publisher);
    if (known === undefined) {
      known = new Sequence();
      subscriber.sequences.set(publisher, known);
    }
    const arrival = known.arrived(sequence);
    if (arrival === 'duplicate') {
      counters.duplicates += 1;
      tally.example('duplicate', () => `connection ${client.number} got message ${sequence} of ${connection} again`);
      return;
    }
    subscriber.came += 1;
    tally.record(isSlow ? 'slowLatency' : 'latency', clock.now() - time / 1000);
    if (arrival === 'late') {
      counters.outOfOrder += 1;
      tally.example(
        'outOfOrder',
        () => `connection ${client.number} got message ${sequence} of ${connection} after a later one`,
      );
    }
  }

  #lost(client: VirtualClient, publisher: number, missing: number, first: number | undefined): void {
    const { tally } = this.#context;
    tally.counters.lost += missing;
    tally.example(
      'lost',
      () => `connection ${client.number} never got message ${first} of ${publisher + 1}${andMore(missing)}`,
    );
  }

  #unexpected(client: VirtualClient, what: string): void {
    const { tally } = this.#context;
    tally.counters.unexpected += 1;
    tally.example('unexpected', () => `connection ${client.number} got ${JSON.stringify(what.slice(0, 80))}`);
  }
}
