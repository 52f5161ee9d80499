import { nodePlatform } from '@tidewire/node';
import { PreparedMessage, type SendOptions } from '@tidewire/protocol';
import type { Session } from './session.ts';
import type { Socket } from './socket.ts';

/** What became of a message that was published. */
export interface PublishResult {
  /** Subscribers to which it was written, or for which it is buffered. */
  readonly delivered: number;
  /** Subscribers that were too slow: closed or skipped, as `slowSubscriber` says. */
  readonly refused: number;
}

const NOBODY: PublishResult = { delivered: 0, refused: 0 };

/** Who is subscribed to what. Topics exist as long as somebody is subscribed to them. */
export class Topics<Data> {
  readonly #subscribers = new Map<string, Set<Session<Data>>>();

  subscribe(session: Session<Data>, topic: string): void {
    if (typeof topic !== 'string') throw new TypeError(`topic must be a string, not ${typeof topic}`);
    const subscribers = this.#subscribers.get(topic) ?? new Set();
    this.#subscribers.set(topic, subscribers.add(session));
    session.topics ??= new Set();
    session.topics.add(topic);
  }

  /** Returns whether it was subscribed. */
  unsubscribe(session: Session<Data>, topic: string): boolean {
    const subscribers = this.#subscribers.get(topic);
    session.topics?.delete(topic);
    if (subscribers === undefined || !subscribers.delete(session)) return false;
    if (subscribers.size === 0) this.#subscribers.delete(topic);
    return true;
  }

  unsubscribeAll(session: Session<Data>): void {
    for (const topic of session.topics ?? []) this.unsubscribe(session, topic);
    session.topics = undefined;
  }

  count(topic: string): number {
    return this.#subscribers.get(topic)?.size ?? 0;
  }

  publish(
    topic: string,
    message: string | Uint8Array,
    options: SendOptions,
    except: Socket<Data> | undefined,
  ): PublishResult {
    const subscribers = this.#subscribers.get(topic);
    if (subscribers === undefined) return NOBODY;
    const prepared = new PreparedMessage(message, nodePlatform);
    let delivered = 0;
    let refused = 0;
    // A subscriber that is closed for being too slow leaves the set on the way, which a Set allows.
    for (const session of subscribers) {
      if (session.socket === except) continue;
      if (session.publish(prepared, options)) delivered++;
      else refused++;
    }
    return { delivered, refused };
  }
}
