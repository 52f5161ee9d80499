import type { Subscription } from '@nats-io/transport-node';
import { isNobodyThere } from './failures.ts';
import type { Link } from './link.ts';
import type { Subjects } from './subjects.ts';

// The other servers of a cluster. A server says that it has taken a subscription before the others know of it, and what is published
// there in that moment comes to nobody. What is sent to another server goes there behind the subscription; so each node answers
// for its server, and who has subscribed waits for an answer of each.

/** Milliseconds after which a server that does not answer is taken for lost: what it is told then comes with its healing. */
const PATIENCE = 500;

/** Milliseconds without an answer to a greeting, after the first, which is this node's own. */
const STALL = 50;

export class OtherServers {
  readonly #link: Link;
  readonly #subjects: Subjects;
  readonly #known = new Set<string>();
  #greeting: Subscription | undefined;
  #answering: Subscription | undefined;
  /** Resolved when those that are there now have answered. */
  #greeted: Promise<void> = Promise.resolve();
  /** For who has subscribed since the one under way was sent. */
  #next: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(link: Link, subjects: Subjects) {
    this.#link = link;
    this.#subjects = subjects;
  }

  /** Answers for the server that this node is at now, and learns where the others are. */
  greet(): void {
    const { nats } = this.#link;
    this.close();
    this.#known.clear();
    const own = this.#own;
    // One of those at the same server is enough.
    this.#answering = nats.subscribe(this.#subjects.server(own), {
      queue: 'server',
      callback: (error, message) => {
        if (error === null) message.respond();
      },
    });
    this.#greeting = nats.subscribe(this.#subjects.greetings, {
      callback: (error, message) => {
        if (error !== null) return;
        this.#learn(message.string());
        message.respond(own);
      },
    });
    this.#greeted = this.#greetOthers(own);
  }

  async #greetOthers(own: string): Promise<void> {
    const { nats } = this.#link;
    try {
      const answers = await nats.requestMany(this.#subjects.greetings, own, {
        strategy: 'stall',
        stall: STALL,
        maxWait: PATIENCE,
      });
      for await (const answer of answers) this.#learn(answer.string());
    } catch {
      // Who comes later greets this node.
    }
  }

  close(): void {
    for (const each of [this.#greeting, this.#answering]) if (each?.isClosed() === false) each.unsubscribe();
  }

  /** Resolves when all servers know what this node's has been told before. */
  async reached(): Promise<void> {
    await this.#greeted;
    if (this.#known.size === 0) return;
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      this.#running = this.#ask();
      return this.#running;
    });
    await this.#next;
  }

  async #ask(): Promise<void> {
    await Promise.all([...this.#known].map((server) => this.#askOne(server)));
  }

  async #askOne(server: string): Promise<void> {
    try {
      await this.#link.nats.request(this.#subjects.server(server), '', { timeout: PATIENCE });
    } catch (error) {
      // No node is there any more.
      if (isNobodyThere(error)) this.#known.delete(server);
    }
  }

  get #own(): string {
    return this.#link.nats.info?.server_id ?? '';
  }

  #learn(server: string): void {
    if (server !== this.#own && /^[A-Z0-9]{10,100}$/.test(server)) this.#known.add(server);
  }
}
