import type { VirtualClient } from '../client/virtual-client.ts';
import type { Phase } from '../scenario/schema.ts';
import type { Published } from '../worker/messages.ts';
import type { ActivityContext, ActivityRun } from './activity.ts';
import { andMore } from './echo.ts';
import { Sending, type Sent } from './sending.ts';

type RequestPhase = Extract<Phase, { readonly do: 'request' }>;

interface Requests {
  readonly waiting: Map<number, Sent>;
  hasGone: boolean;
}

/** Each connection sends requests; answers come in whatever order, and are found by their ids. */
export class RequestRun implements ActivityRun {
  readonly #context: ActivityContext<RequestPhase>;
  readonly #sending: Sending;
  readonly #requests = new Map<VirtualClient, Requests>();
  readonly #path: readonly string[];

  constructor(context: ActivityContext<RequestPhase>) {
    this.#context = context;
    this.#sending = new Sending(context);
    this.#path = context.phase.answer.split('.');
  }

  channelsOf(): readonly string[] {
    return [];
  }

  begin(start: number, end: number): void {
    for (const client of this.#context.clients.values()) {
      const requests: Requests = { waiting: new Map(), hasGone: client.state !== 'ready' };
      this.#requests.set(client, requests);
      this.#sending.schedule(client, start, end, '', (body, sent) => {
        requests.waiting.set(sent.sequence, sent);
        client.request(body, sent.sequence);
      });
    }
  }

  /** An answer in the protocol plain: the id is in its JSON. */
  message(client: VirtualClient, text: string): void {
    const id = idAt(text, this.#path);
    if (id === undefined) this.#unexpected(client, text);
    else this.answered(client, id, undefined);
  }

  answered(client: VirtualClient, id: number, refusal: string | undefined): void {
    const { tally, clock } = this.#context;
    const { counters } = tally;
    const requests = this.#requests.get(client);
    const sent = requests?.waiting.get(id);
    if (requests === undefined || id < 1 || id > this.#sending.countOf(client)) {
      this.#unexpected(client, `an answer to request ${id}`);
      return;
    }
    counters.received += 1;
    if (sent === undefined) {
      counters.duplicates += 1;
      tally.example('duplicate', () => `connection ${client.number} got the answer to request ${id} again`);
      return;
    }
    requests.waiting.delete(id);
    if (refusal !== undefined) tally.failed(refusal);
    const now = clock.now();
    tally.record('latency', now - sent.due);
    tally.record('serviceTime', now - sent.at);
  }

  gone(client: VirtualClient): boolean {
    const requests = this.#requests.get(client);
    if (requests !== undefined) requests.hasGone = true;
    return false;
  }

  stop(): void {
    this.#sending.stop();
  }

  published(): Published {
    return this.#sending.published();
  }

  settle(): void {}

  isComplete(): boolean {
    for (const { waiting, hasGone } of this.#requests.values()) if (!hasGone && waiting.size > 0) return false;
    return true;
  }

  conclude(): void {
    const { tally } = this.#context;
    for (const [client, { waiting, hasGone }] of this.#requests) {
      tally.counters.expected += this.#sending.countOf(client);
      if (waiting.size === 0) continue;
      if (hasGone) {
        tally.counters.lostWithConnection += waiting.size;
        continue;
      }
      const [first] = waiting.keys();
      tally.counters.lost += waiting.size;
      tally.example(
        'lost',
        () => `connection ${client.number} got no answer to request ${first}${andMore(waiting.size)}`,
      );
    }
  }

  #unexpected(client: VirtualClient, what: string): void {
    const { tally } = this.#context;
    tally.counters.unexpected += 1;
    tally.example('unexpected', () => `connection ${client.number} got ${JSON.stringify(what.slice(0, 80))}`);
  }
}

/** The number at this place of a JSON text; `undefined` if there is none. */
function idAt(text: string, path: readonly string[]): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}
