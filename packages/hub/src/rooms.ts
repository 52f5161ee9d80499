import { Channel } from './channel.ts';
import type { EventPosition } from './engine.ts';
import { isPrefix, type Namespace, type NamespaceTable } from './namespace-table.ts';
import { Prefix } from './prefix.ts';
import type { ClientInfo, Publication } from './publication.ts';
import type { Room, RoomHost } from './room.ts';

/** The channels and prefixes that clients of this node are subscribed to, and what the engine tells of them. */
export class Rooms {
  readonly #host: RoomHost;
  readonly #channels = new Map<string, Channel>();
  /** By what channels begin with, the colon included. */
  readonly #prefixes = new Map<string, Prefix>();

  constructor(host: Omit<RoomHost, 'closed'>) {
    this.#host = { ...host, closed: (room) => this.#closed(room) };
  }

  /** @param name a channel, or a prefix with its star */
  of(name: string, namespace: Namespace): Room {
    if (!isPrefix(name)) {
      const channel = this.#channels.get(name) ?? new Channel(name, namespace, this.#host);
      this.#channels.set(name, channel);
      return channel;
    }
    const prefix = this.#prefixes.get(name.slice(0, -1)) ?? new Prefix(name, namespace, this.#host);
    this.#prefixes.set(name.slice(0, -1), prefix);
    return prefix;
  }

  /** Those with subscribers. */
  *occupied(): Generator<Room> {
    for (const rooms of [this.#channels, this.#prefixes]) {
      for (const room of rooms.values()) if (room.subscribers > 0) yield room;
    }
  }

  /** How many have subscribers, and how many those are. Without a list of them: there may be very many. */
  count(): { readonly channels: number; readonly subscriptions: number } {
    let channels = 0;
    let subscriptions = 0;
    for (const rooms of [this.#channels, this.#prefixes]) {
      for (const { subscribers } of rooms.values()) {
        if (subscribers > 0) channels++;
        subscriptions += subscribers;
      }
    }
    return { channels, subscriptions };
  }

  /** The history of the channel was removed. */
  forget(channel: string): void {
    this.#channels.get(channel)?.forget();
  }

  published(channel: string, publication: Publication, position: EventPosition | undefined): void {
    this.#channels.get(channel)?.published(channel, publication, position);
    if (this.#prefixes.size === 0) return;
    for (let colon = channel.indexOf(':'); colon >= 0; colon = channel.indexOf(':', colon + 1)) {
      this.#prefixes.get(channel.slice(0, colon + 1))?.published(channel, publication, position);
    }
  }

  presenceChanged(channel: string, type: 'join' | 'leave', info: ClientInfo): void {
    this.#channels.get(channel)?.presenceChanged(type, info);
  }

  /** Events may have been lost until now. */
  resumed(): void {
    for (const room of this.#all()) room.resumed();
  }

  /** What is subscribed goes on under the new options, and under the old ones where its namespace is gone. */
  reconfigure(namespaces: NamespaceTable, limits: RoomHost['limits']): void {
    this.#host.limits = limits;
    for (const room of this.#all()) {
      const namespace = namespaces.of(room.name);
      if (namespace !== undefined) room.reconfigure(namespace);
    }
  }

  close(): void {
    for (const room of this.#all()) room.close();
  }

  #all(): Room[] {
    return [...this.#channels.values(), ...this.#prefixes.values()];
  }

  #closed(room: Room): void {
    if (this.#channels.get(room.name) === room) this.#channels.delete(room.name);
    const prefix = room.name.slice(0, -1);
    if (this.#prefixes.get(prefix) === room) this.#prefixes.delete(prefix);
  }
}
