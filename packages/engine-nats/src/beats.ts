import type { StreamPosition } from '@tidewire/hub';

// What each node tells all others once in a while: the newest publications that it has seen stored, and how many times it has told
// them something. Events go by plain NATS, which loses what is on its way when two servers lose each other, and tells nobody. Who
// hears of a publication that it should have been told of, or has missed a beat, knows.

/** Milliseconds from a publication to the beat that names it. */
const PERIOD = 1000;
/** Milliseconds that an event may be on its way for longer than a beat. */
const GRACE = 500;
const MAX_ENTRIES = 2000;

type Entry = readonly [channel: string, epoch: string, offset: number];

export class Beats {
  readonly #sender: string;
  readonly #send: (payload: string) => void;
  readonly #isMissing: (channel: string, position: StreamPosition) => boolean;
  readonly #missed: () => void;
  readonly #settled: () => Promise<unknown>;
  #stored = new Map<string, StreamPosition>();
  readonly #counts = new Map<string, number>();
  readonly #checks = new Set<NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  /**
   * @param isMissing whether this node should have been told of the publication, and has not been
   * @param settled resolves when all that was on its way to this node has come
   * @param missed something was lost
   */
  constructor(
    sender: string,
    send: (payload: string) => void,
    isMissing: (channel: string, position: StreamPosition) => boolean,
    settled: () => Promise<unknown>,
    missed: () => void,
  ) {
    this.#sender = sender;
    this.#send = send;
    this.#isMissing = isMissing;
    this.#settled = settled;
    this.#missed = missed;
  }

  /** This node has seen a publication stored. */
  stored(channel: string, position: StreamPosition): void {
    const known = this.#stored.get(channel);
    if (known?.epoch === position.epoch && known.offset >= position.offset) return;
    this.#stored.set(channel, position);
    if (this.#stored.size >= MAX_ENTRIES) this.beat();
    else this.#timer ??= setTimeout(() => this.beat(), PERIOD);
  }

  beat(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = [...this.#stored].map(([channel, { epoch, offset }]): Entry => [channel, epoch, offset]);
    this.#stored = new Map();
    this.#send(JSON.stringify([this.#sender, ++this.#count, entries]));
  }

  receive(payload: string): void {
    const [sender, count, entries]: unknown[] = parsed(payload);
    if (typeof sender !== 'string' || typeof count !== 'number' || !Array.isArray(entries)) return;
    const before = this.#counts.get(sender);
    this.#counts.delete(sender);
    this.#counts.set(sender, count);
    if (this.#counts.size > MAX_ENTRIES) {
      const [oldest] = this.#counts.keys();
      if (oldest !== undefined) this.#counts.delete(oldest);
    }
    if (before !== undefined && count > before + 1) this.#missed();
    if (entries.length === 0) return;
    const check = setTimeout(() => {
      this.#checks.delete(check);
      void this.#check(entries.filter((entry) => this.#misses(entry)));
    }, GRACE);
    this.#checks.add(check);
  }

  /** The hub has looked at everything. */
  forget(): void {
    this.#counts.clear();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const check of this.#checks) clearTimeout(check);
  }

  /** A node that is busy has much to read yet. */
  async #check(entries: unknown[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#settled().catch(() => {});
    if (entries.some((entry) => this.#misses(entry))) this.#missed();
  }

  #misses(entry: unknown): boolean {
    if (!Array.isArray(entry)) return false;
    const [channel, epoch, offset]: unknown[] = entry;
    if (typeof channel !== 'string' || typeof epoch !== 'string' || typeof offset !== 'number') return false;
    return this.#isMissing(channel, { epoch, offset });
  }
}

function parsed(payload: string): unknown[] {
  try {
    const value: unknown = JSON.parse(payload);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
