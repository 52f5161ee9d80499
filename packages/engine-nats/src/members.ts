import {
  type ClientInfo,
  EngineError,
  type Entered,
  encodeClientInfo,
  type Left,
  type Member,
  type MemberCounts,
} from '@tidewire/hub';
import { inParallel } from './in-parallel.ts';
import type { Link } from './link.ts';
import { type LocalChannel, LocalChannels } from './local-channels.ts';
import type { MemberEntries } from './member-entries.ts';
import { OtherMembers } from './other-members.ts';
import { Presence } from './presence.ts';
import type { SeatSets } from './seat-sets.ts';
import type { Subjects } from './subjects.ts';

// The members of this node, and those of the others: the set of a channel says which nodes to ask.

/** Bytes of an answer about members, about. */
const PAGE_SIZE = 200_000;

const NOBODY: Left = { member: undefined, isLast: false, isLastOfUser: false };

export class Members {
  readonly #node: string;
  readonly #others: OtherMembers;
  readonly #entries: MemberEntries;
  readonly #sets: SeatSets;
  readonly #locals: LocalChannels;
  readonly #orphans = new Set<number>();
  #seat: string;

  constructor(link: Link, node: string, seat: string, subjects: Subjects, entries: MemberEntries, sets: SeatSets) {
    this.#node = node;
    this.#seat = seat;
    this.#others = new OtherMembers(link, subjects, entries);
    this.#entries = entries;
    this.#locals = new LocalChannels(entries, (set) => {
      return new Presence(
        () => sets.add(set, this.#seat),
        () => sets.remove(set, this.#seat),
      );
    });
    this.#sets = sets;
  }

  enter(channel: string, info: ClientInfo): Promise<Entered> {
    return this.#inTurn(channel, info.client, async (local) => {
      const known = local.members.get(info.client);
      const isSameUser = known?.info.user === info.user;
      const user = this.#locals.user(channel, info.user);
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
        this.#locals.tidy(channel, info.user);
        const failed = [first, firstOfUser, entry].find((each) => each.status === 'rejected');
        throw failed?.status === 'rejected' ? failed.reason : new EngineError('UNAVAILABLE', 'NATS: not entered');
      }
      local.members.set(info.client, { info, sequence: entry.value });
      if (known !== undefined && !isSameUser) {
        await this.#locals.user(channel, known.info.user).release();
        this.#locals.tidy(channel, known.info.user);
      }
      return { isFirst: first.value, isFirstOfUser: known === undefined && firstOfUser.value };
    });
  }

  /** A member of another node leaves by way of that. */
  async leave(channel: string, client: string): Promise<Left> {
    const left = await this.#leave(channel, client);
    if (left.member !== undefined) return left;
    for (const seat of await this.#sets.seats(this.#entries.channelSet(channel))) {
      const elsewhere = seat === this.#seat ? undefined : await this.#others.leave(seat, channel, client);
      if (elsewhere !== undefined) return elsewhere;
    }
    return NOBODY;
  }

  #leave(channel: string, client: string): Promise<Left> {
    return this.#inTurn(channel, client, async (local) => {
      const known = local.members.get(client);
      if (known === undefined) return NOBODY;
      const { info, sequence } = known;
      const user = this.#locals.user(channel, info.user);
      const [last, lastOfUser] = await Promise.allSettled([local.presence.release(), user.release()]);
      if (last.status === 'rejected' || lastOfUser.status === 'rejected') {
        // It stays a member, and leaving can be tried again.
        if (last.status === 'fulfilled') await local.presence.acquire().catch(() => {});
        if (lastOfUser.status === 'fulfilled') await user.acquire().catch(() => {});
        throw last.status === 'rejected' ? last.reason : new EngineError('UNAVAILABLE', 'NATS: not left');
      }
      local.members.delete(client);
      this.#locals.tidy(channel, info.user);
      await this.#forget(sequence);
      return { member: { info, node: this.#node }, isLast: last.value, isLastOfUser: lastOfUser.value };
    });
  }

  async members(channel: string): Promise<Member[]> {
    const seats = await this.#sets.seats(this.#entries.channelSet(channel));
    const own = this.#locals.membersOf(channel);
    const all = seats.map((seat) =>
      seat === this.#seat ? own.map(({ info }) => ({ info, node: this.#node })) : this.#others.of(seat, channel),
    );
    return (await Promise.all(all)).flat();
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
    for (const { info } of this.#locals.membersOf(channel)) {
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
    await this.#locals.eachPresence((presence) => presence.settle());
  }

  /** Enters all members again, from another seat. */
  async moveTo(seat: string): Promise<void> {
    this.#seat = seat;
    await this.#locals.eachPresence((presence) => presence.move());
    const all = [...this.#locals].flatMap(([channel, { members }]) =>
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

  /** An entry that could not be removed will be, later. */
  async #forget(sequence: number): Promise<void> {
    try {
      await this.#entries.remove(sequence);
    } catch {
      this.#orphans.add(sequence);
    }
  }

  async #inTurn<T>(channel: string, client: string, work: (local: LocalChannel) => Promise<T>): Promise<T> {
    const local = this.#locals.of(channel);
    const before = local.lanes.get(client) ?? Promise.resolve();
    const run = () => work(local);
    const turn = before.then(run, run);
    local.lanes.set(client, turn);
    try {
      return await turn;
    } finally {
      if (local.lanes.get(client) === turn) local.lanes.delete(client);
      this.#locals.tidy(channel);
    }
  }
}
