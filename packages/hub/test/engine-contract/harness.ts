import { randomBytes } from 'node:crypto';
import type {
  ClientInfo,
  Engine,
  EngineListener,
  EventPosition,
  Left,
  Publication,
  Retention,
  Signal,
} from '@tidewire/hub';
import { afterEach } from 'vitest';

// What the contract suite needs of an engine, and the nodes that its tests run.

/** Engines of one kind, and what all of them are connected to. */
export interface EngineHarness {
  /** A new engine, not started. */
  engine(): Engine;
  /** Ends the engine of a node as if its process had been killed: it says nothing to anybody, and its lease runs out. */
  crash(node: TestNode): Promise<void>;
  /** Cuts the engine of a node off from what is behind it, until `mend`. Resolves when it is cut; it may notice later. */
  interrupt(node: TestNode): Promise<void>;
  mend(node: TestNode): Promise<void>;
  /** Resolves when so many milliseconds have passed for the engines. */
  pass(milliseconds: number): Promise<void>;
  /** Whether `pass` costs no time, so that minutes can pass. */
  readonly canSkipTime: boolean;
  /** Milliseconds of a node's lease: a second or two, where time is real. */
  readonly lease: number;
  /** Called after the last test; all engines have stopped. */
  close(): Promise<void>;
}

/** Milliseconds that a test waits for something that is to happen: real servers are slow when the machine is busy. */
const PATIENCE = 20_000;

export interface Told {
  readonly channel: string;
  readonly publication: Publication;
  readonly position: EventPosition | undefined;
}

let count = 0;
/** A name that no other test has. */
export function unique(name = 'channel'): string {
  return `${name}-${process.pid}-${Date.now().toString(36)}-${count++}-${randomBytes(3).toString('hex')}`;
}

export function retentionOf(options: Partial<Retention> = {}): Retention {
  return { name: 'contract', size: 100, ttl: 600_000, positionTtl: 3_600_000, ...options };
}

export function publicationOf(data: string, options: Partial<Publication> = {}): Publication {
  return { data: JSON.stringify(data), time: 1_700_000_000_000, ...options };
}

export function infoOf(client: string, user = 'nobody'): ClientInfo {
  return { client, user };
}

/** A node with an engine, which keeps what it is told. */
export class TestNode implements EngineListener {
  readonly id = unique('node');
  readonly engine: Engine;
  readonly told: Told[] = [];
  readonly signals: { channel: string; signal: Signal }[] = [];
  readonly left: { channel: string; left: readonly Left[] }[] = [];
  /** `published`, `signalled` and so on, in the order in which it was told. */
  readonly order: string[] = [];
  state = '{}';
  answer: (payload: string) => Promise<string> = async (payload) => payload;
  #waiting: (() => void)[] = [];

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** The data of what was published to the channel. */
  data(channel: string): string[] {
    return this.told.filter((each) => each.channel === channel).map(({ publication }) => JSON.parse(publication.data));
  }

  positions(channel: string): (EventPosition | undefined)[] {
    return this.told.filter((each) => each.channel === channel).map(({ position }) => position);
  }

  /** Members that this node was told to have expired in the channel. */
  expiredIn(channel: string): Left[] {
    return this.left.filter((each) => each.channel === channel).flatMap(({ left }) => left);
  }

  /** Resolves when `isSo`, which is asked whenever the node is told something. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const end = performance.now() + PATIENCE;
    while (!isSo()) {
      const remaining = end - performance.now();
      if (remaining <= 0)
        throw new Error(`Not within ${PATIENCE} ms: ${what}. Told: ${this.order.slice(-50).join(', ')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, remaining);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  untilPublished(channel: string, publications: number): Promise<void> {
    return this.until(`${publications} publications`, () => this.data(channel).length >= publications);
  }

  untilTold(event: string, times = 1): Promise<void> {
    return this.until(`${event} ${times} times`, () => this.order.filter((each) => each === event).length >= times);
  }

  published(channel: string, publication: Publication, position: EventPosition | undefined): void {
    this.told.push({ channel, publication, position });
    this.#note(`published ${publication.data.slice(0, 40)}`);
  }

  signalled(channel: string, signal: Signal): void {
    this.signals.push({ channel, signal });
    this.#note(`signalled ${signal.type === 'order' ? signal.order : signal.info.client}`);
  }

  interrupted(_reason: string): void {
    this.#note('interrupted');
  }

  resumed(): void {
    this.#note('resumed');
  }

  expired(channel: string, left: readonly Left[]): void {
    this.left.push({ channel, left });
    this.#note('expired');
  }

  requested(payload: string): Promise<string> {
    return this.answer(payload);
  }

  describe(): string {
    return this.state;
  }

  #note(event: string): void {
    this.order.push(event);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each();
  }
}

/** Starts nodes, and stops after each test those that it has started. */
export class TestNodes {
  readonly #open: () => EngineHarness;
  #running: TestNode[] = [];

  /** To be called while tests are being collected. */
  constructor(open: () => EngineHarness) {
    this.#open = open;
    afterEach(async () => {
      const running = this.#running;
      this.#running = [];
      await Promise.all(running.map(({ engine }) => engine.stop()));
    });
  }

  get harness(): EngineHarness {
    return this.#open();
  }

  async start(): Promise<TestNode> {
    const node = new TestNode(this.harness.engine());
    this.#running.push(node);
    await node.engine.start(node.id, node);
    return node;
  }

  /** Two nodes. */
  async pair(): Promise<[TestNode, TestNode]> {
    return [await this.start(), await this.start()];
  }

  /** The node's process is killed. */
  async crash(node: TestNode): Promise<void> {
    this.#running = this.#running.filter((each) => each !== node);
    await this.harness.crash(node);
  }
}

/** Lets everything else have its turn: an engine that has no need to wait would leave none to a loop of a test. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Asks again until the answer pleases: for what is promised for some time from now only. */
export async function eventually<Answer>(ask: () => Promise<Answer>, pleases: (answer: Answer) => boolean) {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (pleases(answer)) return answer;
    if (performance.now() > end) throw new Error(`Not within ${PATIENCE} ms. Last answer: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
