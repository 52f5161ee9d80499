import type { VirtualClient } from '../client/virtual-client.ts';
import { Sequence } from '../measure/sequence.ts';
import { type Stamp, type StampReader, Template } from '../message/template.ts';
import type { Phase } from '../scenario/schema.ts';
import type { Published } from '../worker/messages.ts';
import type { ActivityContext, ActivityRun } from './activity.ts';
import { Sending, type Sent } from './sending.ts';
import { Slowness } from './slowness.ts';

type EchoPhase = Extract<Phase, { readonly do: 'echo' }>;

/** What one connection waits for. */
interface Echoes {
  readonly waiting: Map<number, Sent>;
  readonly sequence: Sequence;
  /** How many have come, each counted once. */
  came: number;
  hasGone: boolean;
}

/** Each connection sends, and gets the same back. */
export class EchoRun implements ActivityRun {
  readonly #context: ActivityContext<EchoPhase>;
  readonly #sending: Sending;
  readonly #reader: StampReader;
  readonly #slowness: Slowness;
  readonly #echoes = new Map<VirtualClient, Echoes>();
  readonly #byChannel: boolean;
  #start = 0;

  /** @param byChannel whether what is to come back goes through a channel that only the connection has */
  constructor(context: ActivityContext<EchoPhase>, byChannel: boolean) {
    this.#context = context;
    this.#sending = new Sending(context);
    this.#reader = new Template(context.phase.message).reader();
    this.#slowness = new Slowness(context.phase.slow, context.clock, context.agenda);
    this.#byChannel = byChannel;
  }

  channelsOf(client: VirtualClient): readonly string[] {
    return this.#byChannel ? [ownChannel(client, this.#context)] : [];
  }

  begin(start: number, end: number): void {
    this.#start = start;
    this.#slowness.begin([...this.#context.clients].map(([index, client]) => [index, client] as const));
    for (const client of this.#context.clients.values()) {
      const echoes: Echoes = {
        waiting: new Map(),
        sequence: new Sequence(),
        came: 0,
        hasGone: client.state !== 'ready',
      };
      this.#echoes.set(client, echoes);
      const channel = this.#byChannel ? ownChannel(client, this.#context) : '';
      this.#sending.schedule(client, start, end, channel, (body, sent) => {
        echoes.waiting.set(sent.sequence, sent);
        client.send(body, channel);
      });
    }
  }

  message(client: VirtualClient, text: string): void {
    const echoes = this.#echoes.get(client);
    let count = 0;
    this.#reader.read(text, (stamp) => {
      count += 1;
      if (echoes !== undefined) this.#arrived(client, echoes, stamp);
    });
    if (count === 0) this.#unexpected(client, text);
  }

  gone(client: VirtualClient, code: number): boolean {
    const echoes = this.#echoes.get(client);
    if (echoes !== undefined) echoes.hasGone = true;
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

  settle(): void {
    this.#slowness.end();
  }

  isComplete(): boolean {
    for (const [client, { came, hasGone }] of this.#echoes) {
      if (!hasGone && came < this.#sending.countOf(client)) return false;
    }
    return true;
  }

  conclude(): void {
    const { counters } = this.#context.tally;
    for (const [client, { sequence, hasGone }] of this.#echoes) {
      const sent = this.#sending.countOf(client);
      const missing = sequence.missing(sent);
      counters.expected += sent;
      if (missing === 0) continue;
      if (this.#slowness.has(client)) this.#slowness.missed(missing);
      else if (hasGone) counters.lostWithConnection += missing;
      else this.#lost(client, missing, sequence.firstMissing(sent));
    }
  }

  slow() {
    return this.#slowness.outcome();
  }

  #arrived(client: VirtualClient, echoes: Echoes, stamp: Stamp): void {
    const { tally, clock } = this.#context;
    const { counters } = tally;
    const { sequence } = stamp;
    const isForeign = stamp.connection !== 0 && stamp.connection !== client.number;
    const isOld = stamp.time !== 0 && stamp.time < this.#start * 1000 - 1;
    if (isForeign || isOld || sequence < 1 || sequence > this.#sending.countOf(client)) {
      this.#unexpected(client, `message ${sequence} of connection ${stamp.connection}`);
      return;
    }
    counters.received += 1;
    const isSlow = this.#slowness.has(client);
    if (isSlow) this.#slowness.received(client);
    const arrival = echoes.sequence.arrived(sequence);
    const sent = echoes.waiting.get(sequence);
    if (arrival === 'duplicate' || sent === undefined) {
      counters.duplicates += 1;
      tally.example('duplicate', () => `connection ${client.number} got its message ${sequence} again`);
      return;
    }
    echoes.waiting.delete(sequence);
    echoes.came += 1;
    const now = clock.now();
    if (isSlow) {
      tally.record('slowLatency', now - sent.due);
    } else {
      tally.record('latency', now - sent.due);
      tally.record('serviceTime', now - sent.at);
    }
    if (arrival === 'late') {
      counters.outOfOrder += 1;
      tally.example('outOfOrder', () => `connection ${client.number} got its message ${sequence} after a later one`);
    }
  }

  #lost(client: VirtualClient, missing: number, first: number | undefined): void {
    const { tally } = this.#context;
    tally.counters.lost += missing;
    tally.example('lost', () => `connection ${client.number} never got back its message ${first}${andMore(missing)}`);
  }

  #unexpected(client: VirtualClient, what: string): void {
    const { tally } = this.#context;
    tally.counters.unexpected += 1;
    tally.example('unexpected', () => `connection ${client.number} got ${JSON.stringify(what.slice(0, 80))}`);
  }
}

export function andMore(missing: number): string {
  return missing > 1 ? ` and ${missing - 1} more` : '';
}

function ownChannel(client: VirtualClient, { target }: ActivityContext): string {
  return target.protocol === 'stomp' ? `/topic/bench-echo-${client.number}` : `bench-echo-${client.number}`;
}
