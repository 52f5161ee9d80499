import { EngineError, type EngineListener, type NodeInfo } from '@tidewire/hub';
import type { Keys } from './keys.ts';
import type { Settings } from './options.ts';
import { listOf, textOf } from './replies.ts';
import * as scripts from './scripts/nodes.ts';
import type { Session } from './session.ts';

// The node's lease, and what is noticed when it is renewed: that it had run out; that the server has another history, so that
// what was written may be missing; that events do not come through; which nodes are dead.

/** Renewals within the time of a lease. */
const RENEWALS = 3;

/** What a renewal has found. */
export interface Renewal {
  /** Whether this node's members may be missing. */
  readonly isLossy: boolean;
  readonly dead: readonly string[];
}

export class Lease {
  readonly #keys: Keys;
  readonly #node: string;
  readonly #settings: Settings;
  readonly #listener: EngineListener;
  #timer: NodeJS.Timeout | undefined;
  #history: string | undefined;
  #beat = 0;
  #heard = 0;
  #whenHeard: (() => void) | undefined;

  constructor(keys: Keys, node: string, settings: Settings, listener: EngineListener) {
    this.#keys = keys;
    this.#node = node;
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Calls `renew` again and again until `stop`. */
  start(renew: () => void): void {
    this.#timer = setInterval(renew, this.#settings.lease / RENEWALS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Of a new session: resolves when an event has come through. */
  async begin(session: Session): Promise<Renewal> {
    const isFirst = this.#history === undefined;
    this.#heard = this.#beat;
    const renewal = await this.#renew(session);
    await this.#untilHeard();
    return isFirst ? { ...renewal, isLossy: false } : renewal;
  }

  /** Gives the session up if it is not good any more. */
  async renew(session: Session): Promise<Renewal> {
    const { lease, timeout } = this.#settings;
    // Counted in renewals, since this process may have stood still.
    const unheard = (this.#beat - this.#heard) * (lease / RENEWALS);
    if (unheard > timeout) session.lose(`No events have come through for ${timeout} ms`);
    const renewal = await this.#renew(session);
    if (renewal.isLossy) session.lose('The lease of this node has run out, or Redis has lost data');
    return renewal;
  }

  /** @param text of a message to this node that is a heartbeat */
  heard(text: string): void {
    this.#heard = Math.max(this.#heard, Number(text.slice(1)));
    this.#whenHeard?.();
  }

  async nodes({ commands }: Session): Promise<readonly NodeInfo[]> {
    const words = listOf(await commands.run(scripts.list, [this.#keys.nodes], [this.#keys.prefix])).map(textOf);
    const nodes: NodeInfo[] = [];
    for (let i = 0; i < words.length; i += 2) nodes.push({ id: words[i] ?? '', state: words[i + 1] ?? '' });
    return nodes;
  }

  async #renew({ commands }: Session): Promise<Renewal> {
    const keys = this.#keys;
    this.#beat++;
    const reply = await commands.run(
      scripts.renew,
      [keys.lease(this.#node), keys.nodes],
      [
        this.#node,
        this.#listener.describe(),
        String(Math.ceil(this.#settings.lease)),
        keys.node(this.#node),
        `h${this.#beat}`,
        keys.prefix,
      ],
    );
    const [stood, name, dead] = listOf(reply);
    const history = textOf(name);
    const isLossy = stood !== 1 || history !== this.#history;
    this.#history = history;
    return { isLossy, dead: listOf(dead).map(textOf) };
  }

  async #untilHeard(): Promise<void> {
    const { timeout } = this.#settings;
    if (this.#heard >= this.#beat) return;
    await new Promise<void>((resolve, reject) => {
      const late = () => reject(new EngineError('UNAVAILABLE', `No event has come through within ${timeout} ms`));
      const timer = setTimeout(late, timeout);
      this.#whenHeard = () => {
        if (this.#heard < this.#beat) return;
        clearTimeout(timer);
        resolve();
      };
    }).finally(() => {
      this.#whenHeard = undefined;
    });
  }
}
