import { nodePlatform } from '@tidewire/node';
import { PreparedBatch, PreparedMessage } from '@tidewire/protocol';
import type { Session } from './session.ts';
import type { Socket } from './socket.ts';

// Who is subscribed to what, and how a message comes to all of them.
//
// What a turn publishes is gathered, and goes to the sockets at the end of the turn: the frames of messages that the same
// subscribers get are put together once, and each socket is handed all of them at a time. With bursts of 20 messages to
// 1000 subscribers that is worth more than twice the deliveries per CPU-second. So that nobody notices:
// - Whatever else a subscriber sends, and its close, comes after what was published before (`flush`).
// - A change of subscriptions counts from the message after it, so it flushes as well.
// - A subscriber that is backed up gets its messages at once: only such a one can be refused, and `publish` says so.
//
// What a publication costs grows with the subscribers that it reaches, and not with anything else: nothing here goes
// through all topics, all sockets, all that are backed up or all that was gathered (bench/micro/topics.ts).

/** What became of a message that was published. */
export interface PublishResult {
  /** Subscribers to which it is on its way. */
  readonly delivered: number;
  /** Subscribers that were too slow: closed or skipped, as `slowSubscriber` says. */
  readonly refused: number;
}

export interface Publication<Data> {
  readonly compress: boolean;
  /** A subscriber that does not get the message. */
  readonly except: Socket<Data> | undefined;
}

/** Messages in a row for the same sockets. */
interface Run<Data> extends Publication<Data> {
  readonly subscribers: ReadonlySet<Session<Data>>;
  /** The subscribers that have had these messages already. */
  readonly served: ReadonlySet<Session<Data>>;
  readonly messages: PreparedMessage[];
}

/** As much is gathered at most, in bytes: a socket that gets more in one turn shall notice that it waits. */
const MOST_GATHERED = 256 * 1024;

const NOBODY: PublishResult = { delivered: 0, refused: 0 };
const NONE_SERVED = { served: new Set<never>(), refused: 0 };

export class Topics<Data> {
  readonly #subscribers = new Map<string, Set<Session<Data>>>();
  readonly #closesSlow: boolean;
  /** The sessions for which bytes wait that their peers have not taken. */
  readonly #backedUp = new Set<Session<Data>>();
  /** Those that have begun to be backed up since something was gathered, which may be for them. */
  readonly #newlyBackedUp = new Set<Session<Data>>();
  #runs: Run<Data>[] = [];
  #gathered = 0;

  /** @param closesSlow whether a subscriber with too much waiting is closed, and not skipped */
  constructor(closesSlow: boolean) {
    this.#closesSlow = closesSlow;
  }

  /** @throws TypeError if `topic` is not a string */
  subscribe(session: Session<Data>, topic: string): void {
    if (typeof topic !== 'string') throw new TypeError(`topic must be a string, not ${typeof topic}`);
    this.flush();
    // What was published before may have been too much for it, and closed it.
    if (session.connection.state !== 'OPEN') return;
    const subscribers = this.#subscribers.get(topic) ?? new Set();
    this.#subscribers.set(topic, subscribers.add(session));
    session.topics ??= new Set();
    session.topics.add(topic);
  }

  /** Returns whether it was subscribed. */
  unsubscribe(session: Session<Data>, topic: string): boolean {
    this.flush();
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

  publish(topic: string, message: string | Uint8Array, publication: Publication<Data>): PublishResult {
    const subscribers = this.#subscribers.get(topic);
    if (subscribers === undefined) return NOBODY;
    const prepared = new PreparedMessage(message, nodePlatform);
    const { size } = subscribers;
    const { served, refused } = this.#serveBackedUp(subscribers, prepared, publication);
    if (served.size < size) this.#gather({ ...publication, subscribers, served, messages: [prepared] });
    // One that was refused and closed, or was by what came before, is no subscriber any more.
    const others = (this.#closesSlow ? 0 : refused) + (publication.except?.isSubscribed(topic) ? 1 : 0);
    const result = { delivered: subscribers.size - others, refused };
    if (this.#gathered >= MOST_GATHERED) this.#deliver(true);
    return result;
  }

  /** What was published goes to the sockets now. */
  flush(): void {
    if (this.#runs.length > 0) this.#deliver(false);
  }

  /** What was published comes before what `session` is about to send. */
  flushFor(session: Session<Data>): void {
    if (this.#runs.length > 0 && session.topics !== undefined) this.flush();
  }

  /** Bytes wait for the peer of `session`, or do no longer. */
  noteBackedUp(session: Session<Data>, isBackedUp: boolean): void {
    if (!isBackedUp) {
      this.#backedUp.delete(session);
      this.#newlyBackedUp.delete(session);
      return;
    }
    if (this.#runs.length > 0 && !this.#backedUp.has(session)) this.#newlyBackedUp.add(session);
    this.#backedUp.add(session);
  }

  /**
   * At the end of the turn. Where there is but one run nothing else is to be put with it, and each socket is written to at
   * once: a tenth cheaper than going through all of them twice.
   */
  readonly #flush = (): void => {
    if (this.#runs.length > 0) this.#deliver(this.#runs.length === 1);
  };

  #gather(run: Run<Data>): void {
    for (const { payload } of run.messages) this.#gathered += payload.length;
    const last = this.#runs.at(-1);
    if (last !== undefined && haveSameReaders(last, run)) {
      last.messages.push(...run.messages);
      return;
    }
    if (this.#runs.length === 0) process.nextTick(this.#flush);
    this.#runs.push(run);
  }

  /** Gives a message to those that are backed up, who may refuse it. */
  #serveBackedUp(
    subscribers: ReadonlySet<Session<Data>>,
    message: PreparedMessage,
    { compress, except }: Publication<Data>,
  ): { served: ReadonlySet<Session<Data>>; refused: number } {
    const waiting = common(this.#backedUp, subscribers);
    if (waiting.length === 0) return NONE_SERVED;
    const served = new Set<Session<Data>>();
    const batch = new PreparedBatch([message], nodePlatform);
    let refused = 0;
    for (const session of waiting) {
      // It may have been closed by what went to another one just now.
      if (session.socket === except || !subscribers.has(session)) continue;
      // What was published before comes first.
      if (this.#newlyBackedUp.has(session)) this.flush();
      served.add(session);
      if (!session.publish(batch, { compress, closeWhenFull: this.#closesSlow })) refused++;
    }
    return { served, refused };
  }

  /** @param writes whether to write at once, and so find out who does not keep up */
  #deliver(writes: boolean): void {
    const runs = this.#runs;
    this.#runs = [];
    this.#gathered = 0;
    this.#newlyBackedUp.clear();
    for (const { subscribers, served, messages, compress, except } of runs) {
      const batch = new PreparedBatch(messages, nodePlatform);
      const options = { compress, closeWhenFull: this.#closesSlow };
      // A subscriber that is closed on the way leaves the set, which a Set allows.
      for (const session of subscribers) {
        if (session.socket === except || served.has(session)) continue;
        session.publish(batch, options, writes);
      }
    }
  }
}

function haveSameReaders<Data>(one: Run<Data>, other: Run<Data>): boolean {
  return (
    one.subscribers === other.subscribers &&
    one.compress === other.compress &&
    one.except === other.except &&
    one.served.size === other.served.size &&
    [...one.served].every((session) => other.served.has(session))
  );
}

/** What is in both, by going through the smaller one. */
function common<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): readonly T[] {
  const [smaller, larger] = one.size < other.size ? [one, other] : [other, one];
  const found: T[] = [];
  for (const each of smaller) if (larger.has(each)) found.push(each);
  return found;
}
