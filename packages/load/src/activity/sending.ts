import type { VirtualClient } from '../client/virtual-client.ts';
import { Template } from '../message/template.ts';
import type { SendingPhase } from '../scenario/schema.ts';
import { SendTimes } from '../schedule/send-times.ts';
import type { Published } from '../worker/messages.ts';
import type { ActivityContext } from './activity.ts';

/** What is known of a message that is being sent. */
export interface Sent {
  readonly sequence: number;
  /** When it was to be sent, and when it is, in milliseconds. */
  readonly due: number;
  readonly at: number;
}

type Send = (body: string | Uint8Array, sent: Sent) => void;

/** Sends messages by the schedule of each connection, and counts what could not be sent, or not in time. */
export class Sending {
  readonly #context: ActivityContext<SendingPhase>;
  readonly #template: Template;
  readonly #counts = new Map<number, number>();
  #hasStopped = false;

  constructor(context: ActivityContext<SendingPhase>) {
    this.#context = context;
    this.#template = new Template(context.phase.message);
  }

  /** The last sequence number of a connection; 0 if it has sent nothing. */
  countOf(client: VirtualClient): number {
    return this.#counts.get(client.index) ?? 0;
  }

  published(): Published {
    return [...this.#counts];
  }

  stop(): void {
    this.#hasStopped = true;
  }

  /** Has a connection send from `start` to before `end`. */
  schedule(client: VirtualClient, start: number, end: number, channel: string, send: Send): void {
    const { phase, agenda, random } = this.#context;
    const times = new SendTimes(
      { rate: phase.rate, spacing: phase.spacing, start, end },
      random(`times of ${client.index}`),
    );
    const chance = random(`messages of ${client.index}`);
    const act = (due: number) => {
      if (this.#hasStopped) return;
      this.#send(client, due, channel, chance, send);
      const next = times.next();
      if (next !== undefined) agenda.add(next, act);
    };
    const first = times.next();
    if (first !== undefined) agenda.add(first, act);
  }

  #send(
    client: VirtualClient,
    due: number,
    channel: string,
    chance: ReturnType<ActivityContext['random']>,
    send: Send,
  ) {
    const { clock, tally, phase } = this.#context;
    const { counters } = tally;
    counters.scheduled += 1;
    if (!client.canSend) {
      counters.unsent += 1;
      return;
    }
    const sequence = this.countOf(client) + 1;
    this.#counts.set(client.index, sequence);
    const context = { connection: client.number, sequence, time: Math.round(due * 1000), channel };
    const text = this.#template.render(context, chance);
    const at = clock.now();
    counters.sent += 1;
    counters.bytesSent += text.length;
    tally.record('lateness', at - due);
    send(phase.as === 'binary' ? Buffer.from(text) : text, { sequence, due, at });
  }
}
