import type { Engine, Left } from './engine.ts';
import { OWN } from './namespace-table.ts';
import type { Trace } from './permissions.ts';
import { retrying } from './retrying.ts';

// Whether a channel has a subscriber on any node: each node that has some is a member of a channel of the hub's own. The first
// that enters it is told so by the engine, and the last that leaves it.

const PREFIX = `${OWN}occupancy:`;

export type OccupancyEvent = 'occupied' | 'vacated';

export type TellOccupancy = (event: OccupancyEvent, channel: string, trace?: Trace) => void;

interface Presence {
  isWanted: boolean;
  isIn: boolean;
  /** Of the handshake of the client that came first. */
  trace: Trace | undefined;
  /** What brings the one in line with the other. */
  work: Promise<void> | undefined;
}

export class Occupancy {
  readonly #engine: Engine;
  readonly #node: string;
  readonly #tell: TellOccupancy;
  readonly #channels = new Map<string, Presence>();
  #isStopped = false;

  /** @param tell must not throw */
  constructor(engine: Engine, node: string, tell: TellOccupancy) {
    this.#engine = engine;
    this.#node = node;
    this.#tell = tell;
  }

  /**
   * The node has subscribers of `channel`.
   * @param trace of the first of them
   */
  entered(channel: string, trace?: Trace): void {
    const presence = this.#channels.get(channel) ?? { isWanted: true, isIn: false, trace, work: undefined };
    presence.trace = trace;
    this.#channels.set(channel, presence);
    this.#want(channel, presence, true);
  }

  /** It has none any more. */
  left(channel: string): void {
    const presence = this.#channels.get(channel);
    if (presence !== undefined) this.#want(channel, presence, false);
  }

  /** A node that is gone was taken out, or this one, which is entered again. Returns whether the channel is one of these. */
  expired(channel: string, left: readonly Left[]): boolean {
    if (!channel.startsWith(PREFIX)) return false;
    const name = channel.slice(PREFIX.length);
    const presence = this.#channels.get(name);
    const isOwn = left.some(({ member }) => member?.info.client === this.#node);
    if (isOwn && presence?.isWanted === true) {
      presence.isIn = false;
      this.#want(name, presence, true);
    } else if (left.some(({ isLast }) => isLast)) this.#tell('vacated', name);
    return true;
  }

  /** The node has no subscribers. Resolves when others know, or nothing more can be done. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const channel of [...this.#channels.keys()]) this.left(channel);
    await Promise.all([...this.#channels.values()].map(({ work }) => work));
  }

  #want(channel: string, presence: Presence, isWanted: boolean): void {
    presence.isWanted = isWanted;
    presence.work ??= this.#settle(channel, presence);
  }

  async #settle(channel: string, presence: Presence): Promise<void> {
    // Not in the turn of the caller, who is about to note that this is under way.
    await undefined;
    while (presence.isIn !== presence.isWanted) {
      const { isWanted } = presence;
      let tries = 0;
      const attempt = () =>
        isWanted ? this.#enter(channel, presence.trace, tries++ > 0) : this.#leave(channel, tries++ > 0);
      const isOver = () => this.#isStopped || presence.isWanted !== isWanted;
      try {
        await retrying(attempt, isOver);
        presence.isIn = isWanted;
      } catch {
        // It may have been done nevertheless, which leaving makes good.
        presence.isIn = !presence.isWanted;
        if (this.#isStopped) break;
      }
    }
    // In the turn in which it was seen that nothing is left to do: who changes his mind later begins anew.
    presence.work = undefined;
    if (!presence.isIn) this.#channels.delete(channel);
  }

  /** @param isRepeated whether it was tried before: it may have been done, and nobody told that it was the first */
  async #enter(channel: string, trace: Trace | undefined, isRepeated: boolean): Promise<void> {
    const { isFirst } = await this.#engine.enter(PREFIX + channel, { client: this.#node, user: '' });
    if (isFirst || (isRepeated && (await this.#count(channel)) === 1)) this.#tell('occupied', channel, trace);
  }

  async #leave(channel: string, isRepeated: boolean): Promise<void> {
    const { member, isLast } = await this.#engine.leave(PREFIX + channel, this.#node);
    const isUnknown = isRepeated && member === undefined;
    if (isLast || (isUnknown && (await this.#count(channel)) === 0)) this.#tell('vacated', channel);
  }

  /** Nodes that have subscribers. */
  async #count(channel: string): Promise<number> {
    const { clients } = await this.#engine.memberCounts(PREFIX + channel);
    return clients;
  }
}
