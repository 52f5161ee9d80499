import type { EngineListener } from '../engine.ts';
import type { ClientInfo } from '../publication.ts';

// One node of a network within the process.

export class NetworkNode {
  readonly id: string;
  readonly listener: EngineListener;
  /** What this node has entered, by channel and client. */
  readonly members = new Map<string, Map<string, ClientInfo>>();
  /** When its lease runs out; never as long as it is connected. */
  leaseEnd = Number.POSITIVE_INFINITY;
  /** Whether its members were taken out because its lease has run out. */
  isExpired = false;
  /** What it said of itself when it was cut off. */
  lastState = '';
  /** Why it is interrupted. */
  readonly #troubles = new Set<string>();

  constructor(id: string, listener: EngineListener) {
    this.id = id;
    this.listener = listener;
  }

  get isConnected(): boolean {
    return this.leaseEnd === Number.POSITIVE_INFINITY;
  }

  get state(): string {
    return this.isConnected ? this.listener.describe() : this.lastState;
  }

  keep(channel: string, info: ClientInfo): void {
    const members = this.members.get(channel);
    if (members === undefined) this.members.set(channel, new Map([[info.client, info]]));
    else members.set(info.client, info);
  }

  forget(channel: string, client: string): void {
    const members = this.members.get(channel);
    members?.delete(client);
    if (members?.size === 0) this.members.delete(channel);
  }

  interrupt(reason: string): void {
    this.#troubles.add(reason);
    if (this.#troubles.size === 1) this.listener.interrupted(reason);
  }

  resume(reason: string): void {
    if (this.#troubles.delete(reason) && this.#troubles.size === 0) this.listener.resumed();
  }
}
