import type { ClientSession } from './client-session.ts';
import { CommandError, DisconnectError } from './codes.ts';
import { type HubLimits, RateMeter } from './limits.ts';

/** The connections of a user on this node. */
export interface UserOfNode {
  readonly sessions: Set<ClientSession>;
  readonly commands: RateMeter;
  /** Publications, by namespace. */
  readonly publications: Map<string, RateMeter>;
}

/** Who is connected to this node. */
export class Clients {
  readonly #sessions = new Map<string, ClientSession>();
  readonly #users = new Map<string, UserOfNode>();
  readonly #addresses = new Map<string, number>();
  /** Connections, those included that have not said yet who they are, by address. */
  readonly #places = new Map<string, number>();
  #isClosed = false;

  get size(): number {
    return this.#sessions.size;
  }

  get userCount(): number {
    return this.#users.size;
  }

  /**
   * Counts a connection from `address`, whoever it will turn out to be.
   * @returns what is to be called when it is gone; `undefined` if there are too many already
   */
  takePlace({ connectionsPerAddress }: HubLimits, address: string | undefined): (() => void) | undefined {
    if (address === undefined) return () => {};
    const taken = this.#places.get(address) ?? 0;
    if (taken >= connectionsPerAddress) return undefined;
    this.#places.set(address, taken + 1);
    return () => {
      const left = (this.#places.get(address) ?? 0) - 1;
      if (left > 0) this.#places.set(address, left);
      else this.#places.delete(address);
    };
  }

  /** @throws CommandError, DisconnectError if there are too many */
  assertRoom({ maxConnections, connectionsPerAddress }: HubLimits, address: string | undefined): void {
    if (this.#sessions.size >= maxConnections) throw new CommandError('TOO_MANY_REQUESTS');
    const count = address === undefined ? 0 : (this.#addresses.get(address) ?? 0);
    if (count >= connectionsPerAddress) throw new DisconnectError('CONNECTION_LIMIT');
  }

  /** @throws DisconnectError if there are too many of the user, or the hub has stopped */
  add(session: ClientSession, { connectionsPerUser }: HubLimits): void {
    if (this.#isClosed) throw new DisconnectError('SHUTDOWN');
    const { user, address } = session;
    if (user !== '') {
      const known = this.#users.get(user);
      if (known !== undefined && known.sessions.size >= connectionsPerUser)
        throw new DisconnectError('CONNECTION_LIMIT');
      const entry = known ?? { sessions: new Set(), commands: new RateMeter(), publications: new Map() };
      this.#users.set(user, entry);
      entry.sessions.add(session);
    }
    this.#sessions.set(session.id, session);
    if (address !== undefined) this.#addresses.set(address, (this.#addresses.get(address) ?? 0) + 1);
  }

  /** @returns whether it was there */
  delete(session: ClientSession): boolean {
    const { user, address } = session;
    if (!this.#sessions.delete(session.id)) return false;
    const entry = this.#users.get(user);
    entry?.sessions.delete(session);
    if (entry?.sessions.size === 0) this.#users.delete(user);
    if (address === undefined) return true;
    const left = (this.#addresses.get(address) ?? 0) - 1;
    if (left > 0) this.#addresses.set(address, left);
    else this.#addresses.delete(address);
    return true;
  }

  /** Those for whom what is published waits. */
  get slowCount(): number {
    let count = 0;
    for (const { isSlow } of this.#sessions.values()) if (isSlow) count++;
    return count;
  }

  get(client: string): ClientSession | undefined {
    return this.#sessions.get(client);
  }

  user(user: string): UserOfNode | undefined {
    return this.#users.get(user);
  }

  /** Takes in nobody any more. @returns those that are there */
  close(): ClientSession[] {
    this.#isClosed = true;
    return this.all();
  }

  all(): ClientSession[] {
    return [...this.#sessions.values()];
  }
}
