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
import { asEngineError, isNobodyThere, isTimeout, type Link } from './link.ts';
import type { MemberEntries } from './member-entries.ts';
import { Presence } from './presence.ts';
import type { SeatSets } from './seat-sets.ts';
import type { Subjects } from './subjects.ts';

// The members of this node, and how it learns of those of the others: the set of a channel says which nodes to ask. What a dead
// one cannot answer stands in its entries, until its lease has run out and somebody has taken them out.

/** Bytes of an answer about members, about. */
const PAGE_SIZE = 200_000;
const AT_ONCE = 64;

const NOBODY: Left = { member: undefined, isLast: false, isLastOfUser: false };

interface LocalMember {
  readonly info: ClientInfo;
  readonly sequence: number;
}

interface LocalChannel {
  readonly members: Map<string, LocalMember>;
  readonly users: Map<string, Presence>;
  readonly presence: Presence;
  /** What is being done about a client: one thing after the other. */
  readonly lanes: Map<string, Promise<unknown>>;
}

export class Members {
  readonly #link: Link;
  readonly #node: string;
  readonly #subjects: Subjects;
  readonly #entries: MemberEntries;
  readonly #sets: SeatSets;
  readonly #channels = new Map<string, LocalChannel>();
  readonly #orphans = new Set<number>();
  #seat: string;

  constructor(link: Link, node: string, seat: string, subjects: Subjects, entries: MemberEntries, sets: SeatSets) {
    this.#link = link;
    this.#node = node;
    this.#seat = seat;
    this.#subjects = subjects;
    this.#entries = entries;
    this.#sets = sets;
  }

  enter(channel: string, info: ClientInfo): Promise<Entered> {
    return this.#inTurn(channel, info.client, async (local) => {
      const known = local.members.get(info.client);
      const isSameUser = known?.info.user === info.user;
      const user = this.#user(local, channel, info.user);
      const [first, firstOfUser, entry] = await Promise.allSettled([
        known === undefined ? local.presence.acquire() : false,
        isSameUser ? false : user.acquire(),
        this.#put(channel, info),
      ]);
      if (first.status === 'rejected' || firstOfUser.status === 'rejected' || entry.status === 'rejected') {
        await Promise.allSettled([
          known === undefined && first.status === 'fulfilled' && local.presence.release(),
          !isSameUser && firstOfUser.status === 'fulfilled' && user.release(),
        ]);
        if (known === undefined && entry.status === 'fulfilled') await this.#forget(entry.value);
        tidyUser(local, info.user);
        const failed = [first, firstOfUser, entry].find((each) => each.status === 'rejected');
        throw failed?.status === 'rejected' ? failed.reason : new EngineError('UNAVAILABLE', 'NATS: not entered');
      }
      local.members.set(info.client, { info, sequence: entry.value });
      if (known !== undefined && !isSameUser) {
        await this.#user(local, channel, known.info.user).release();
        tidyUser(local, known.info.user);
      }
      return { isFirst: first.value, isFirstOfUser: known === undefined && firstOfUser.value };
    });
  }

  /** A member of another node leaves by way of that. */
  async leave(channel: string, client: string): Promise<Left> {
    const left = await this.#leave(channel, client);
    if (left.member !== undefined) return left;
    for (const seat of await this.#sets.seats(this.#entries.channelSet(channel))) {
      if (seat === this.#seat) continue;
      const answer = await this.#ask(seat, ['leave', channel, client]);
      if (answer !== undefined && answer !== '') return leftOf(answer) ?? NOBODY;
    }
    return NOBODY;
  }

  #leave(channel: string, client: string): Promise<Left> {
    return this.#inTurn(channel, client, async (local) => {
      const known = local.members.get(client);
      if (known === undefined) return NOBODY;
      const { info, sequence } = known;
      const user = this.#user(local, channel, info.user);
      const [last, lastOfUser] = await Promise.allSettled([local.presence.release(), user.release()]);
      if (last.status === 'rejected' || lastOfUser.status === 'rejected') {
        // It stays a member, and leaving can be tried again.
        if (last.status === 'fulfilled') await local.presence.acquire().catch(() => {});
        if (lastOfUser.status === 'fulfilled') await user.acquire().catch(() => {});
        throw last.status === 'rejected' ? last.reason : new EngineError('UNAVAILABLE', 'NATS: not left');
      }
      local.members.delete(client);
      tidyUser(local, info.user);
      await this.#forget(sequence);
      return { member: { info, node: this.#node }, isLast: last.value, isLastOfUser: lastOfUser.value };
    });
  }

  async members(channel: string): Promise<Member[]> {
    const seats = await this.#sets.seats(this.#entries.channelSet(channel));
    const all = await Promise.all(seats.map((seat) => this.#membersOf(seat, channel)));
    return all.flat();
  }

  async counts(channel: string): Promise<MemberCounts> {
    const members = await this.members(channel);
    return { clients: members.length, users: new Set(members.map(({ info }) => info.user)).size };
  }

  /** What another node asks of this one: a page of the members in a channel, from one on, or that one leaves. */
  async answer(request: string): Promise<string> {
    const [operation, channel, what]: unknown[] = JSON.parse(request);
    if (typeof channel !== 'string' || typeof what !== 'string') throw new Error('Not a request of this version');
    if (operation === 'page') return this.#page(channel, Number(what));
    const left = await this.#leave(channel, what);
    if (left.member === undefined) return '';
    return `${Number(left.isLast)}${Number(left.isLastOfUser)}\n${this.#node}\n${encodeClientInfo(left.member.info)}`;
  }

  /** Where the next page begins, if there is one, the node, and its members, a line each. */
  #page(channel: string, from: number): string {
    const lines: string[] = [];
    let index = 0;
    let size = 0;
    for (const { info } of this.#channels.get(channel)?.members.values() ?? []) {
      if (index++ < from) continue;
      const line = encodeClientInfo(info);
      lines.push(line);
      size += line.length;
      if (size > PAGE_SIZE) return [index, this.#node, ...lines].join('\n');
    }
    return ['', this.#node, ...lines].join('\n');
  }

  /** Tries again what has failed, so that no set says of this node what is not so. */
  async settle(): Promise<void> {
    const orphans = [...this.#orphans];
    this.#orphans.clear();
    await inParallel(orphans, (sequence) => this.#forget(sequence));
    await this.#each((presence) => presence.settle());
  }

  /** Enters all members again, from another seat. */
  async moveTo(seat: string): Promise<void> {
    this.#seat = seat;
    await this.#each((presence) => presence.move());
    const all = [...this.#channels].flatMap(([channel, { members }]) =>
      [...members.values()].map((member) => ({ channel, members, member })),
    );
    await inParallel(all, async ({ channel, members, member }) => {
      const { info } = member;
      const sequence = await this.#put(channel, info);
      // It may have left meanwhile, or have been entered anew.
      if (members.get(info.client) === member) members.set(info.client, { info, sequence });
      else await this.#forget(sequence);
    });
  }

  /** Under the seat of the end: it may have become another one meanwhile. @returns the sequence */
  async #put(channel: string, info: ClientInfo): Promise<number> {
    for (;;) {
      const seat = this.#seat;
      const sequence = await this.#entries.put(seat, channel, info);
      if (seat === this.#seat) return sequence;
    }
  }

  async #membersOf(seat: string, channel: string): Promise<Member[]> {
    if (seat === this.#seat) {
      const members = this.#channels.get(channel)?.members.values() ?? [];
      return [...members].map(({ info }) => ({ info, node: this.#node }));
    }
    const members: Member[] = [];
    for (let from = '0'; ; ) {
      const answer = await this.#ask(seat, ['page', channel, from]);
      if (answer === undefined) return this.#left(seat, channel);
      const [next = '', node = '', ...lines] = answer.split('\n');
      for (const line of lines) {
        const info = decodeClientInfo(line);
        if (info !== undefined) members.push({ info, node });
      }
      if (next === '') return members;
      from = next;
    }
  }

  /** What is kept of the members of a node that does not answer. */
  async #left(seat: string, channel: string): Promise<Member[]> {
    const entries = await this.#entries.ofSeatIn(seat, channel);
    const node = entries.length === 0 ? '' : await this.#entries.nodeOf(seat);
    return entries.map(({ info }) => ({ info, node }));
  }

  /** @returns `undefined` if the node is gone, or as good as gone */
  async #ask(seat: string, request: readonly string[]): Promise<string | undefined> {
    this.#link.check();
    try {
      const subject = this.#subjects.memberRequests(seat);
      const answer = (await this.#link.nats.request(subject, JSON.stringify(request), { timeout: 3000 })).string();
      if (answer[0] === 'k') return answer.slice(1);
      throw new EngineError('UNAVAILABLE', answer.slice(1));
    } catch (error) {
      if (isNobodyThere(error) || isTimeout(error)) return undefined;
      throw asEngineError(error);
    }
  }

  async #each(work: (presence: Presence) => Promise<boolean>): Promise<void> {
    const all = [...this.#channels].flatMap(([channel, local]) => [
      { channel, local, user: undefined, presence: local.presence },
      ...[...local.users].map(([user, presence]) => ({ channel, local, user, presence })),
    ]);
    await inParallel(all, async ({ channel, local, user, presence }) => {
      await work(presence);
      if (user !== undefined) tidyUser(local, user);
      this.#tidy(channel);
    });
  }

  /** An entry that could not be removed will be, later. */
  async #forget(sequence: number): Promise<void> {
    try {
      await this.#entries.remove(sequence);
    } catch {
      this.#orphans.add(sequence);
    }
  }

  #local(channel: string): LocalChannel {
    const known = this.#channels.get(channel);
    if (known !== undefined) return known;
    const local = {
      members: new Map(),
      users: new Map(),
      presence: this.#presence(this.#entries.channelSet(channel)),
      lanes: new Map(),
    };
    this.#channels.set(channel, local);
    return local;
  }

  #user(local: LocalChannel, channel: string, user: string): Presence {
    const known = local.users.get(user);
    if (known !== undefined) return known;
    const presence = this.#presence(this.#entries.userSet(channel, user));
    local.users.set(user, presence);
    return presence;
  }

  #presence(subject: string): Presence {
    return new Presence(
      () => this.#sets.add(subject, this.#seat),
      () => this.#sets.remove(subject, this.#seat),
    );
  }

  async #inTurn<T>(channel: string, client: string, work: (local: LocalChannel) => Promise<T>): Promise<T> {
    const local = this.#local(channel);
    const before = local.lanes.get(client) ?? Promise.resolve();
    const run = () => work(local);
    const turn = before.then(run, run);
    local.lanes.set(client, turn);
    try {
      return await turn;
    } finally {
      if (local.lanes.get(client) === turn) local.lanes.delete(client);
      this.#tidy(channel);
    }
  }

  #tidy(channel: string): void {
    const local = this.#channels.get(channel);
    if (local === undefined || local.lanes.size > 0) return;
    if (local.members.size === 0 && local.users.size === 0 && local.presence.isUnused) this.#channels.delete(channel);
  }
}

function leftOf(answer: string): Left | undefined {
  const [flags = '', node = '', line = ''] = answer.split('\n');
  const info = decodeClientInfo(line);
  return info && { member: { info, node }, isLast: flags[0] === '1', isLastOfUser: flags[1] === '1' };
}

function tidyUser({ users }: LocalChannel, user: string): void {
  if (users.get(user)?.isUnused) users.delete(user);
}

export async function inParallel<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let each = all[next++]; each !== undefined; each = all[next++]) await work(each);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, all.length) }, worker));
}
