import type { Entered, Left, Member, MemberCounts } from '../engine.ts';

// Who is in one channel, counted by connection and by user.

export class ChannelMembers {
  readonly #members = new Map<string, Member>();
  /** Connections of each user. */
  readonly #users = new Map<string, number>();

  get counts(): MemberCounts {
    return { clients: this.#members.size, users: this.#users.size };
  }

  list(): readonly Member[] {
    return [...this.#members.values()];
  }

  find(client: string): Member | undefined {
    return this.#members.get(client);
  }

  enter(member: Member): Entered {
    const { client, user } = member.info;
    const before = this.#members.get(client);
    const isFirst = this.#members.size === 0;
    if (before !== undefined) this.#count(before.info.user, -1);
    this.#members.set(client, member);
    const isFirstOfUser = this.#count(user, 1) === 1;
    return before === undefined ? { isFirst, isFirstOfUser } : { isFirst: false, isFirstOfUser: false };
  }

  leave(client: string): Left {
    const member = this.#members.get(client);
    if (member === undefined) return { member, isLast: false, isLastOfUser: false };
    this.#members.delete(client);
    const isLastOfUser = this.#count(member.info.user, -1) === 0;
    return { member, isLast: this.#members.size === 0, isLastOfUser };
  }

  #count(user: string, change: number): number {
    const count = (this.#users.get(user) ?? 0) + change;
    if (count === 0) this.#users.delete(user);
    else this.#users.set(user, count);
    return count;
  }
}

/** Who is in which channel. */
export class Directory {
  readonly #channels = new Map<string, ChannelMembers>();

  enter(channel: string, member: Member): Entered {
    let members = this.#channels.get(channel);
    if (members === undefined) {
      members = new ChannelMembers();
      this.#channels.set(channel, members);
    }
    return members.enter(member);
  }

  /** @param node leaves only if it is a member of that node */
  leave(channel: string, client: string, node?: string): Left {
    const members = this.#channels.get(channel);
    const isMeant = node === undefined || members?.find(client)?.node === node;
    if (members === undefined || !isMeant) return { member: undefined, isLast: false, isLastOfUser: false };
    const left = members.leave(client);
    if (left.isLast) this.#channels.delete(channel);
    return left;
  }

  list(channel: string): readonly Member[] {
    return this.#channels.get(channel)?.list() ?? [];
  }

  counts(channel: string): MemberCounts {
    return this.#channels.get(channel)?.counts ?? { clients: 0, users: 0 };
  }
}
