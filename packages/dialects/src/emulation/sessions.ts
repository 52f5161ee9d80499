import { randomBytes } from 'node:crypto';
import type { Session } from '../session.ts';

// The sessions of this node whose commands come by requests of their own, to any node of the hub.

/** What of a hub brings commands to the node that has the session. */
export interface Relay {
  readonly node: string;
  answerNodes(kind: string, handler: (payload: string) => Promise<string>): void;
  askNode(node: string, kind: string, payload: string): Promise<string>;
}

const KIND = 'emulation';

/** Requests to other nodes that are under way at once. */
const MAX_RELAYED = 1000;

/** Names of nodes, and of nothing that a broker could take for more than a name. */
const NODE = /^[\w-]{1,64}$/;

/** What became of commands. `'gone'`: there is no such node. */
export type Delivery = 'delivered' | 'gone' | 'failed';

export class EmulatedSessions {
  readonly #relay: Relay;
  readonly #sessions = new Map<string, Session>();
  #relayed = 0;

  constructor(relay: Relay) {
    this.#relay = relay;
    relay.answerNodes(KIND, async (payload) => {
      const [id, commands] = readParcel(payload);
      this.#receive(id, commands);
      return '';
    });
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** A name that nobody guesses: whoever knows it may speak for the client. */
  createId(): string {
    return randomBytes(24).toString('base64url');
  }

  add(id: string, session: Session): void {
    this.#sessions.set(id, session);
  }

  delete(id: string): void {
    this.#sessions.delete(id);
  }

  /**
   * Brings commands to a session. Nobody learns whether there is such a session: if it has ended, the client learns that
   * from its stream.
   */
  async deliver(node: string, id: string, commands: string): Promise<Delivery> {
    if (node === this.#relay.node) {
      this.#receive(id, commands);
      return 'delivered';
    }
    if (!NODE.test(node)) return 'gone';
    if (this.#relayed >= MAX_RELAYED) return 'failed';
    this.#relayed++;
    try {
      await this.#relay.askNode(node, KIND, JSON.stringify([id, commands]));
      return 'delivered';
    } catch (error) {
      return isGone(error) ? 'gone' : 'failed';
    } finally {
      this.#relayed--;
    }
  }

  #receive(id: string, commands: string): void {
    this.#sessions.get(id)?.receive(commands);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'NODE_GONE';
}

/** What one node tells another is as good as what it would say itself. */
function readParcel(payload: string): readonly [string, string] {
  const parcel: unknown = JSON.parse(payload);
  const [id, commands]: readonly unknown[] = Array.isArray(parcel) ? parcel : [];
  return [String(id), String(commands)];
}
