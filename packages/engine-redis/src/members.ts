import {
  type ClientInfo,
  decodeClientInfo,
  EngineError,
  type Entered,
  encodeClientInfo,
  type Left,
  type Member,
  type MemberCounts,
} from '@tidewire/hub';
import type { Keys } from './keys.ts';
import { listOf, numberOf, textOf, unexpected } from './replies.ts';
import * as scripts from './scripts/members.ts';
import type { Session } from './session.ts';

// Members, from the engine to the scripts and back, and what this node has entered: what the server knows of it is made equal
// to that whenever a session begins.

/** Members that a dead node loses at a time: so many are told to nobody if who takes them out dies at that moment. */
const REAPED_AT_ONCE = 100;
const SENT_AT_ONCE = 500;

export type Expired = (channel: string, left: readonly Left[]) => void;

export class Members {
  readonly #keys: Keys;
  readonly #node: string;
  /** By channel and client. */
  readonly #held = new Map<string, Map<string, ClientInfo>>();
  /** Whether members are being entered again. */
  #isRestoring = false;
  /** Those that were forgotten meanwhile. */
  #missed: [channel: string, client: string][] = [];

  constructor(keys: Keys, node: string) {
    this.#keys = keys;
    this.#node = node;
  }

  async enter(session: Session, channel: string, info: ClientInfo): Promise<Entered> {
    const before = this.#held.get(channel)?.get(info.client);
    this.#keep(channel, info);
    try {
      const [isLeased, isFirst, isFirstOfUser] = await this.#enter(session, channel, info);
      if (isLeased === 1) return { isFirst: isFirst === 1, isFirstOfUser: isFirstOfUser === 1 };
      session.lose('The lease of this node has run out');
      throw new EngineError('UNAVAILABLE', 'The lease of this node has run out');
    } catch (error) {
      // Whether it was entered is not known: it is taken out when the next session begins.
      if (before === undefined) this.forget(channel, info.client);
      throw error;
    }
  }

  async leave({ commands }: Session, channel: string, client: string): Promise<Left> {
    return leftOf(await commands.run(scripts.leave, [], [this.#keys.prefix, channel, client]));
  }

  /** The client is none of this node's any more, whether the server hears of it now or when the next session begins. */
  forget(channel: string, client: string): void {
    const clients = this.#held.get(channel);
    const wasHeld = clients?.delete(client) === true;
    if (wasHeld && this.#isRestoring) this.#missed.push([channel, client]);
    if (clients?.size === 0) this.#held.delete(channel);
  }

  async list({ commands }: Session, channel: string): Promise<readonly Member[]> {
    const values = listOf(await commands.send(['HVALS', this.#keys.members(channel)]));
    return values.map((value) => {
      const [node = '', info = ''] = textOf(value).split('\n', 2);
      return memberOf(node, info);
    });
  }

  async counts({ commands }: Session, channel: string): Promise<MemberCounts> {
    const keys = [this.#keys.members(channel), this.#keys.users(channel)];
    const [clients, users] = listOf(await commands.run(scripts.counts, keys, []));
    return { clients: numberOf(clients), users: numberOf(users) };
  }

  /**
   * Takes out what the server holds for this node and this node does not, and enters what the server lacks.
   * @param isAll whether the server may have lost anything
   */
  async restore(session: Session, isAll: boolean, expired: Expired): Promise<void> {
    this.#isRestoring = true;
    this.#missed = [];
    const held = listOf(await session.commands.send(['SMEMBERS', this.#keys.held(this.#node)])).map(textOf);
    const there = new Set<string>();
    const gone: (readonly [string, string])[] = [];
    for (const name of held) {
      const [client, channel] = heldOf(name);
      if (this.#held.get(channel)?.has(client) === true) there.add(name);
      else gone.push([channel, client]);
    }
    await inTurns(gone, ([channel, client]) => this.#takeOut(session, channel, client, expired));
    const missing: (readonly [string, ClientInfo])[] = [];
    for (const [channel, clients] of this.#held)
      for (const info of clients.values())
        if (isAll || !there.has(heldName(info.client, channel))) missing.push([channel, info]);
    await inTurns(missing, ([channel, info]) => this.#enter(session, channel, info));
  }

  /** To be called when methods may be called again. */
  async restored(session: Session, expired: Expired): Promise<void> {
    this.#isRestoring = false;
    const missed = this.#missed;
    this.#missed = [];
    await inTurns(missed, ([channel, client]) => this.#takeOut(session, channel, client, expired));
  }

  /** Takes the members of a node out, as long as it has no lease. */
  async reap(session: Session, node: string, isLeaving: boolean, expired: Expired): Promise<void> {
    const { prefix, nodes } = this.#keys;
    const keys = [this.#keys.lease(node), this.#keys.held(node), nodes];
    const args = [prefix, node, String(REAPED_AT_ONCE), isLeaving ? '1' : '0'];
    for (let isMore = true; isMore; ) {
      const [more, ...gone] = listOf(await session.commands.run(scripts.reap, keys, args));
      isMore = more === 1;
      const byChannel = new Map<string, Left[]>();
      for (const each of gone) {
        const [channel, left] = listOf(each);
        const name = textOf(channel);
        const list = byChannel.get(name);
        if (list === undefined) byChannel.set(name, [leftOf(left)]);
        else list.push(leftOf(left));
      }
      for (const [channel, left] of byChannel) expired(channel, left);
    }
  }

  async #takeOut(session: Session, channel: string, client: string, expired: Expired): Promise<void> {
    const left = await this.leave(session, channel, client);
    if (left.member !== undefined) expired(channel, [left]);
  }

  #keep(channel: string, info: ClientInfo): void {
    const clients = this.#held.get(channel);
    if (clients === undefined) this.#held.set(channel, new Map([[info.client, info]]));
    else clients.set(info.client, info);
  }

  async #enter({ commands }: Session, channel: string, info: ClientInfo): Promise<readonly unknown[]> {
    const keys = this.#keys;
    const node = this.#node;
    const reply = await commands.run(
      scripts.enter,
      [keys.members(channel), keys.users(channel), keys.held(node), keys.lease(node)],
      [keys.prefix, channel, info.client, info.user, node, encodeClientInfo(info)],
    );
    return listOf(reply);
  }
}

/** So many at once that neither the way there and back counts, nor the others wait for long. */
async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < items.length; i += SENT_AT_ONCE) await Promise.all(items.slice(i, i + SENT_AT_ONCE).map(work));
}

/** As scripts/members.ts names it: the length is that of UTF-8. */
function heldName(client: string, channel: string): string {
  return `${Buffer.byteLength(client)}:${client}${channel}`;
}

function heldOf(name: string): [client: string, channel: string] {
  const bytes = Buffer.from(name);
  const start = bytes.indexOf(':') + 1;
  const end = start + Number.parseInt(name, 10);
  return [bytes.toString('utf8', start, end), bytes.toString('utf8', end)];
}

function leftOf(reply: unknown): Left {
  if (reply === null) return { member: undefined, isLast: false, isLastOfUser: false };
  const [node, info, isLast, isLastOfUser] = listOf(reply);
  return { member: memberOf(textOf(node), textOf(info)), isLast: isLast === 1, isLastOfUser: isLastOfUser === 1 };
}

function memberOf(node: string, text: string): Member {
  const info = decodeClientInfo(text);
  if (info === undefined) throw unexpected(text);
  return { node, info };
}
