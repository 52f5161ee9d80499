import { Alarm, type Deadlines } from '@tidewire/node';
import type { Engine, Left } from './engine.ts';
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
}

/** So many members go at a time when a node does, its own or another. */
const LEAVING_AT_ONCE = 32;
/** How often a word to the subscribers is tried: it is no use to tell of a moment that is long past. */
const TRIES_TO_TELL = 3;

/** The connections of one user in one channel, on this node. A connection without a user has a line of its own. */
interface Line {
  readonly key: string;
  last: Promise<void>;
  /** What is going on or waits in it. */
  pending: number;
  readonly away: Map<string, Away>;
}

interface Away {
  readonly alarm: Alarm;
  leave(): void;
}

export class Presence {
  readonly #host: PresenceHost;
  readonly #lines = new Map<string, Line>();
  /** Those that have not left, by channel and client. */
  readonly #present = new Map<string, () => void>();
  readonly #leaving = new Turnstile(LEAVING_AT_ONCE);
  readonly #whenSettled: (() => void)[] = [];
  #isStopped = false;

  constructor(host: PresenceHost) {
    this.#host = host;
  }

  /** A subscription has begun. */
  entered(channel: string, { presence }: Namespace, info: ClientInfo): void {
    if (presence === undefined || this.#isStopped) return;
    const { engine } = this.#host;
    const key = keyOf(channel, info.client);
    const leave = () => this.#leave(channel, presence, info);
    this.#present.set(key, leave);
    this.#inLine(channel, info, async (line) => {
      const isOver = () => this.#isStopped || this.#present.get(key) !== leave;
      if (isOver()) return;
      const { isFirstOfUser } = await retrying(() => engine.enter(channel, info), isOver);
      if (isTold(presence, info, isFirstOfUser)) await this.#tell(channel, 'join', info);
      // Those that this one has come back for.
      for (const [client, away] of [...line.away]) if (client !== info.client) away.leave();
    });
  }

  /**
   * A subscription has ended.
   * @param isLost whether the connection has gone, and may come back
   */
  left(channel: string, { presence }: Namespace, info: ClientInfo, isLost: boolean): void {
    const leave = this.#present.get(keyOf(channel, info.client));
    if (leave === undefined) return;
    if (!isLost || presence === undefined || presence.grace === 0) {
      leave();
      return;
    }
    const line = this.#line(channel, info);
    const alarm = new Alarm(() => away.leave());
    const away = {
      alarm,
      leave: () => {
        this.#host.deadlines.clear(alarm);
        line.away.delete(info.client);
        leave();
      },
    };
    line.away.set(info.client, away);
    this.#host.deadlines.set(alarm, presence.grace);
  }

  /** The engine has taken out the members of a node that is gone; this node was told so, and nobody else. */
  expired(channel: string, { presence }: Namespace, left: readonly Left[]): void {
    if (presence === undefined) return;
    for (const { member, isLastOfUser } of left) {
      if (member === undefined || !isTold(presence, member.info, isLastOfUser)) continue;
      this.#leaving.run(() => this.#tell(channel, 'leave', member.info)).catch(() => {});
    }
  }

  /** Resolves when nobody is away any more, and everybody has been told. */
  settled(): Promise<void> {
    if (this.#lines.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenSettled.push(resolve));
  }

  /** Everybody leaves now. Resolves when they have, or have been tried to. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const { away } of this.#lines.values()) for (const each of [...away.values()]) each.leave();
    for (const leave of [...this.#present.values()]) leave();
    await this.settled();
  }

  #leave(channel: string, presence: Namespace['presence'], info: ClientInfo): void {
    this.#present.delete(keyOf(channel, info.client));
    this.#inLine(channel, info, async () => {
      const { engine } = this.#host;
      const { member, isLastOfUser } = await this.#leaving.run(() =>
        retrying(
          () => engine.leave(channel, info.client),
          () => this.#isStopped,
        ),
      );
      if (member !== undefined && isTold(presence, info, isLastOfUser)) await this.#tell(channel, 'leave', member.info);
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

  /** Does `work` behind everything else that happens in the line. What fails in it was tried for as long as it made sense. */
  #inLine(channel: string, info: ClientInfo, work: (line: Line) => Promise<void>): void {
    const line = this.#line(channel, info);
    line.pending++;
    line.last = line.last
      .then(() => work(line))
      .catch(() => {})
      .then(() => {
        line.pending--;
        this.#end(line);
      });
  }

  #line(channel: string, { user, client }: ClientInfo): Line {
    const key = user === '' ? keyOf(channel, '', client) : keyOf(channel, user);
    const line = this.#lines.get(key) ?? { key, last: Promise.resolve(), pending: 0, away: new Map() };
    this.#lines.set(key, line);
    return line;
  }

  #end({ key, pending, away }: Line): void {
    if (pending > 0 || away.size > 0) return;
    this.#lines.delete(key);
    if (this.#lines.size > 0) return;
    for (const resolve of this.#whenSettled.splice(0)) resolve();
  }
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

/** @param isEdge whether it is the first connection of the user that comes, or the last that goes */
function isTold(presence: Namespace['presence'], { user }: ClientInfo, isEdge: boolean): boolean {
  if (presence?.events === 'connection') return true;
  return presence?.events === 'user' && (isEdge || user === '');
}
