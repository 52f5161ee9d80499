import type { Client, Hub, Push, StreamPosition, SubscribeResult } from '@tidewire/hub';
import { TestOutlet } from './visiting.ts';

/** A client that follows a channel as an SDK does: it comes back with its position, and writes down what it was told. */
export class Follower {
  readonly channel: string;
  /** What it was given, and where it was told that something is missing. */
  readonly log: (number | { readonly from: number; readonly to: number; readonly newest: number })[] = [];
  readonly faults: string[] = [];
  #position: StreamPosition | undefined;
  #client: Client | undefined;
  #isIn = false;
  #isLeaving = false;

  readonly #newest: () => number;

  /** @param newest the offset of what was published last */
  constructor(channel: string, newest: () => number) {
    this.channel = channel;
    this.#newest = newest;
  }

  get isIn(): boolean {
    return this.#isIn;
  }

  get isConnected(): boolean {
    return this.#client !== undefined;
  }

  async connect(hub: Hub): Promise<void> {
    const outlet = new TestOutlet();
    await hub.connect(outlet, {}, (client) => {
      this.#client = client;
      outlet.client = client;
      outlet.onPush = (push) => this.#pushed(client, push);
    });
  }

  /** Subscribes if it is not; a refusal leaves it outside. */
  async subscribe(): Promise<void> {
    const client = this.#client;
    if (client === undefined || this.#isIn) return;
    try {
      await client.subscribe({ channel: this.channel, position: this.#position }, (result) => {
        if (client === this.#client) this.#begun(result);
        else this.faults.push('begun on a connection that was gone');
      });
    } catch {
      // It comes again later.
    }
  }

  /** What still comes before the answer is nothing to it any more. */
  async unsubscribe(): Promise<void> {
    this.#isIn = false;
    this.#isLeaving = true;
    await this.#client?.unsubscribe(this.channel);
    this.#isLeaving = false;
  }

  cut(): void {
    const client = this.#client;
    this.#isIn = false;
    this.#client = undefined;
    client?.closed({ code: 3000, reason: 'cut' });
  }

  #begun({ position, missed, recovery }: SubscribeResult): void {
    if (this.#isIn) this.faults.push('begun twice');
    this.#isIn = true;
    const before = this.#position?.offset ?? 0;
    if (recovery === 'failed') {
      this.log.push({ from: before, to: position?.offset ?? 0, newest: this.#newest() });
    }
    for (const { offset, publication } of missed) this.#got(offset, JSON.parse(publication.data));
    this.#position = position;
  }

  #pushed(client: Client, push: Push): void {
    if (client !== this.#client || this.#isLeaving) return;
    if (push.type === 'unsubscribe') {
      this.#isIn = false;
      queueMicrotask(() => this.subscribe());
    } else if (push.type === 'publication') {
      if (!this.#isIn) this.faults.push('pushed outside of a subscription');
      this.#got(push.offset ?? 0, JSON.parse(push.publication.data));
    }
  }

  #got(offset: number, data: number): void {
    if (this.#position !== undefined) {
      if (offset <= this.#position.offset) this.faults.push(`${offset} after ${this.#position.offset}`);
      this.#position = { epoch: this.#position.epoch, offset };
    }
    this.log.push(data);
  }
}
