import type { ClientInfo } from '@tidewire/hub';
import { inParallel } from './in-parallel.ts';
import type { MemberEntries } from './member-entries.ts';
import type { Presence } from './presence.ts';

// The channels in which this node has members, and those about which something is under way.

export interface LocalMember {
  readonly info: ClientInfo;
  /** Of its entry. */
  readonly sequence: number;
}

export interface LocalChannel {
  readonly members: Map<string, LocalMember>;
  readonly users: Map<string, Presence>;
  readonly presence: Presence;
  /** What is being done about a client: one thing after the other. */
  readonly lanes: Map<string, Promise<unknown>>;
}

export class LocalChannels {
  readonly #entries: MemberEntries;
  readonly #presence: (set: string) => Presence;
  readonly #channels = new Map<string, LocalChannel>();

  /** @param presence of this node in a set */
  constructor(entries: MemberEntries, presence: (set: string) => Presence) {
    this.#entries = entries;
    this.#presence = presence;
  }

  of(channel: string): LocalChannel {
    const known = this.#channels.get(channel);
    if (known !== undefined) return known;
    const presence = this.#presence(this.#entries.channelSet(channel));
    const local = { members: new Map(), users: new Map(), presence, lanes: new Map() };
    this.#channels.set(channel, local);
    return local;
  }

  membersOf(channel: string): LocalMember[] {
    return [...(this.#channels.get(channel)?.members.values() ?? [])];
  }

  *[Symbol.iterator](): Generator<[channel: string, local: LocalChannel]> {
    yield* this.#channels;
  }

  user(channel: string, user: string): Presence {
    const { users } = this.of(channel);
    const presence = users.get(user) ?? this.#presence(this.#entries.userSet(channel, user));
    users.set(user, presence);
    return presence;
  }

  async eachPresence(work: (presence: Presence) => Promise<boolean>): Promise<void> {
    const all = [...this.#channels].flatMap(([channel, { presence, users }]) => [
      { channel, user: '', presence },
      ...[...users].map(([user, each]) => ({ channel, user, presence: each })),
    ]);
    await inParallel(all, async ({ channel, user, presence }) => {
      await work(presence);
      this.tidy(channel, user);
    });
  }

  /** Forgets what is not used any more. */
  tidy(channel: string, user?: string): void {
    const local = this.#channels.get(channel);
    if (local === undefined) return;
    const { members, users, presence, lanes } = local;
    if (user !== undefined && users.get(user)?.isUnused) users.delete(user);
    if (lanes.size === 0 && members.size === 0 && users.size === 0 && presence.isUnused) this.#channels.delete(channel);
  }
}
