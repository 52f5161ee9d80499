import { Alarm, type Deadlines } from '@tidewire/node';
import type { Engine, Entered, Left } from './engine.ts';
import { keyOf, Lines } from './lines.ts';
import type { Namespace } from './namespace-table.ts';
import type { ClientInfo } from './publication.ts';
import { retrying } from './retrying.ts';
import { Turnstile } from './turnstile.ts';

// Who is in a channel, as the engine knows it, and what the channel's subscribers are told of it.
//
// What happens to the connections of one user in one channel happens one after the other, so that join and leave come in
// their order. A connection that is lost is away for a while before it has left. If another one of the same user has come by
// then, that is announced first: there is no moment without the user. Who unsubscribes leaves at once.

export interface PresenceHost {
  readonly engine: Engine;
  readonly deadlines: Deadlines;
  /** Of this hub. */
  readonly node: string;
}

/** So many members go at a time when a node does, its own or another. */
const LEAVING_AT_ONCE = 32;
/** How often a word to the subscribers is tried: it is no use to tell of a moment that is long past. */
const TRIES_TO_TELL = 3;

/** A connection in a channel, from the moment that it comes. */
interface Present {
  readonly info: ClientInfo;
  /** Whether the engine has said that it is a member. */
  isMember: boolean;
  /** What the engine has said of it while it was leaving. */
  expired: Left | undefined;
  leave(): void;
}

export class Presence {
  readonly #host: PresenceHost;
  readonly #lines = new Lines();
  /** Those that have not left, by channel and client. */
  readonly #present = new Map<string, Present>();
  /** Those that are about to. */
  readonly #going = new Map<string, Present>();
  readonly #leaving = new Turnstile(LEAVING_AT_ONCE);
  #isStopped = false;

  constructor(host: PresenceHost) {
    this.#host = host;
  }

  /** A subscription has begun. */
  entered(channel: string, { presence }: Namespace, info: ClientInfo): void {
    if (presence === undefined || this.#isStopped) return;
    const key = keyOf(channel, info.client);
    const leave = () => this.#leave(channel, presence, present);
    const present: Present = { info, isMember: false, expired: undefined, leave };
    this.#present.set(key, present);
    this.#lines.run(channel, info, async (line) => {
      const entered = await this.#enter(channel, present);
      if (entered === undefined) return;
      if (isTold(presence, info, entered.isFirstOfUser)) await this.#tell(channel, 'join', info);
      // Those that this one has come back for.
      for (const [client, away] of [...line.away]) if (client !== info.client) away.leave();
    });
  }

  /**
   * A subscription has ended.
   * @param isLost whether the connection has gone, and may come back
   */
  left(channel: string, { presence }: Namespace, info: ClientInfo, isLost: boolean): void {
    const present = this.#present.get(keyOf(channel, info.client));
    if (present === undefined) return;
    if (!isLost || presence === undefined || presence.grace === 0) {
      present.leave();
      return;
    }
    const line = this.#lines.of(channel, info);
    const alarm = new Alarm(() => away.leave());
    const away = {
      alarm,
      leave: () => {
        this.#host.deadlines.clear(alarm);
        line.away.delete(info.client);
        present.leave();
      },
    };
    line.away.set(info.client, away);
    this.#host.deadlines.set(alarm, presence.grace);
  }

  /** The engine has taken out the members of a node that is gone, or of this one; nobody else was told so. */
  expired(channel: string, { presence }: Namespace, left: readonly Left[]): void {
    for (const each of left) {
      const { member, isLastOfUser } = each;
      if (member === undefined || (member.node === this.#host.node && this.#keeps(channel, each))) continue;
      if (!isTold(presence, member.info, isLastOfUser)) continue;
      this.#leaving.run(() => this.#tell(channel, 'leave', member.info)).catch(() => {});
    }
  }

  /** Resolves when nobody is away any more, and everybody has been told. */
  settled(): Promise<void> {
    return this.#lines.settled();
  }

  /** Everybody leaves now. Resolves when they have, or have been tried to. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const away of this.#lines.away()) away.leave();
    for (const { leave } of [...this.#present.values()]) leave();
    await this.settled();
  }

  /** @returns `undefined` if it was gone before */
  async #enter(channel: string, present: Present): Promise<Entered | undefined> {
    const { info } = present;
    const isOver = () => this.#isStopped || this.#present.get(keyOf(channel, info.client)) !== present;
    if (isOver()) return undefined;
    const entered = await retrying(() => this.#host.engine.enter(channel, info), isOver);
    present.isMember = true;
    return entered;
  }

  /** @returns whether it is one of this node that is there, or about to leave, so that there is nothing to tell now */
  #keeps(channel: string, left: Left): boolean {
    const key = keyOf(channel, left.member?.info.client ?? '');
    const present = this.#present.get(key);
    const going = this.#going.get(key);
    if (present !== undefined) {
      this.#lines.run(channel, present.info, async () => {
        await this.#enter(channel, present);
      });
    } else if (going !== undefined) going.expired = left;
    return present !== undefined || going !== undefined;
  }

  #leave(channel: string, presence: Namespace['presence'], present: Present): void {
    const { info } = present;
    const key = keyOf(channel, info.client);
    this.#present.delete(key);
    this.#going.set(key, present);
    this.#lines.run(channel, info, async () => {
      let tries = 0;
      const attempt = () => {
        tries++;
        return this.#host.engine.leave(channel, info.client);
      };
      try {
        const answer = await this.#leaving.run(() => retrying(attempt, () => this.#isStopped));
        const left = answer.member === undefined ? (present.expired ?? answer) : answer;
        // A try that is said to have failed may have done it.
        const hasLeft = left.member !== undefined || (present.isMember && tries > 1);
        if (!hasLeft || !isTold(presence, info, left.isLastOfUser)) return;
        await this.#tell(channel, 'leave', left.member?.info ?? info);
      } finally {
        if (this.#going.get(key) === present) this.#going.delete(key);
      }
    });
  }

  async #tell(channel: string, type: 'join' | 'leave', info: ClientInfo): Promise<void> {
    let tries = 0;
    await retrying(
      () => {
        tries++;
        return this.#host.engine.signal(channel, { type, info });
      },
      () => this.#isStopped || tries === TRIES_TO_TELL,
    );
  }
}

/** @param isEdge whether it is the first connection of the user that comes, or the last that goes */
function isTold(presence: Namespace['presence'], { user }: ClientInfo, isEdge: boolean): boolean {
  if (presence?.events === 'connection') return true;
  return presence?.events === 'user' && (isEdge || user === '');
}
