import {
  type EventPosition,
  type History,
  type HistoryRequest,
  IDEMPOTENCY_TTL,
  type MaybePromise,
  type Publication,
  type Published,
  type Retention,
  type StoreOwner,
  type StreamStore,
} from '@tidewire/hub';
import { failed } from './errors.ts';
import { GroupCommit, type Operation } from './group-commit.ts';
import { StoreKeeper } from './keeper.ts';
import { readStream } from './reading.ts';
import {
  decodeKey,
  encodeKey,
  encodePublication,
  forgettingKey,
  idempotencyKey,
  idempotencyName,
  publicationKey,
} from './records.ts';
import { drop, dropAll, moveDue, type StreamHead } from './stream-head.ts';
import { DiskStreams } from './streams.ts';
import { Sweeper } from './sweeper.ts';

// Streams on disk. Offsets are given in memory, in the order of the calls; what is told, and read, is what has been written.

export interface DiskStoreOptions {
  /** Made if it is not there. It belongs to one process at a time. */
  readonly directory: string;
  /**
   * Whether what was acknowledged survives a loss of power, and not only the end of the process. Without it, a publication
   * is acknowledged when the system has it, and the epochs of all channels end when the machine has gone down. Default `true`.
   */
  readonly sync?: boolean | undefined;
  /** The directory was restored from a copy, or repaired: ends the epochs of all channels. Default `false`. */
  readonly hasLostData?: boolean | undefined;
  /** Channels whose position is kept in memory, some 300 bytes each. Default 10,000. */
  readonly maxCachedChannels?: number | undefined;
  /** Bytes of publications that may wait to be written; beyond, `publish` rejects. Default 64 MiB. */
  readonly maxWaitingBytes?: number | undefined;
}

/** What a publication, or a signal that stands in line, takes in memory beside its data. */
const OVERHEAD = 500;

export class DiskStreamStore implements StreamStore {
  readonly #directory: string;
  readonly #keeper: StoreKeeper;
  readonly #writes: GroupCommit;
  readonly #streams: DiskStreams;
  readonly #sweeper: Sweeper;
  readonly #keysUnderWay = new Map<string, Promise<Published>>();
  #owner: StoreOwner | undefined;
  #time = 0;

  constructor({ directory, sync = true, hasLostData = false, ...limits }: DiskStoreOptions) {
    if (directory === '') throw new TypeError('directory must be a path');
    const { maxCachedChannels = 10_000, maxWaitingBytes = 64 * 1024 * 1024 } = limits;
    this.#directory = directory;
    this.#keeper = new StoreKeeper(
      { directory, isSynced: sync, hasLostData },
      (reason) => this.#owner?.interrupted(reason),
      () => this.#owner?.resumed(),
    );
    const disk = {
      write: (operations: Operation[], isAwaited: boolean) =>
        this.#keeper.level.batch(operations, { sync: sync && isAwaited }),
      broken: (error: unknown) => {
        this.#streams.clear();
        return this.#keeper.broken(error);
      },
    };
    this.#writes = new GroupCommit(disk, maxWaitingBytes);
    this.#streams = new DiskStreams(this.#keeper, this.#writes, maxCachedChannels, (channel) =>
      Boolean(this.#owner?.isSubscribed(channel)),
    );
    this.#sweeper = new Sweeper(this.#keeper, this.#writes, this.#streams);
  }

  async open(owner: StoreOwner): Promise<void> {
    this.#owner = owner;
    this.#streams.clear();
    await this.#keeper.open();
  }

  async close(): Promise<void> {
    await this.#sweeper.stop();
    await this.#writes.idle();
    await this.#keeper.close();
    this.#owner = undefined;
  }

  append(
    channel: string,
    publication: Publication,
    retention: Retention,
    key: string | undefined,
    stored: (position: EventPosition) => void,
  ): MaybePromise<Published> {
    return this.#working(() => {
      this.#writes.checkRoom();
      const now = this.#now();
      const name = key === undefined ? undefined : idempotencyName(channel, key);
      const known = name === undefined ? undefined : this.#duplicate(name, now);
      if (known !== undefined) return known;
      const head = this.#streams.use(channel, retention, now);
      const published = this.#write(head, publication, now, name, stored);
      if (name !== undefined) this.#keysUnderWay.set(name, published);
      return published;
    });
  }

  inOrder(channel: string, work: () => void): void {
    if (!this.#writes.isWaiting(channel)) {
      work();
      return;
    }
    this.#writes.checkRoom();
    this.#writes.add({ channel, operations: [], bytes: OVERHEAD, isAwaited: false, done: work, failed: work });
  }

  async read(channel: string, retention: Retention, request: HistoryRequest): Promise<History> {
    try {
      const now = this.#now();
      const head = this.#streams.use(channel, retention, now);
      const { epoch, stored } = head;
      const position = { epoch: this.#keeper.told(epoch), offset: stored };
      const floor = Math.max(0, stored - retention.size);
      const reading = { level: this.#keeper.level, epoch, position, floor, expiredAt: now - retention.ttl };
      return await readStream(reading, request);
    } catch (error) {
      throw failed(this.#directory, error);
    }
  }

  async removeAll(channel: string): Promise<void> {
    await this.#working(async () => {
      const head = this.#streams.find(channel);
      if (head === undefined || head.isOver) return;
      await this.#writes.written({ channel, operations: dropAll(head), head, bytes: OVERHEAD, isAwaited: true });
    });
  }

  sweep(): Promise<void> {
    return this.#sweeper.sweep(this.#now());
  }

  #write(
    head: StreamHead,
    publication: Publication,
    now: number,
    name: string | undefined,
    stored: (position: EventPosition) => void,
  ): Promise<Published> {
    const { channel, epoch } = head;
    // Not before its predecessor's, even if the clock was turned back.
    head.usedAt = Math.max(now, head.usedAt);
    const previous = head.top++;
    const offset = head.top;
    const value = encodePublication(head.usedAt, publication);
    const operations: Operation[] = [
      { type: 'put', key: publicationKey(epoch, offset), value },
      ...drop(head, offset - head.size),
      ...moveDue(head, Math.min(head.due, head.usedAt + head.ttl)),
    ];
    if (name !== undefined)
      operations.push(
        { type: 'put', key: idempotencyKey(name), value: encodeKey({ at: now, epoch, offset }) },
        { type: 'put', key: forgettingKey(now + IDEMPOTENCY_TTL, name), value: '' },
      );
    const position = { epoch: this.#keeper.told(epoch), offset };
    const work = { channel, operations, head, bytes: value.length * 2 + OVERHEAD, isAwaited: true };
    const written = () => {
      head.stored = offset;
      if (name !== undefined) this.#keysUnderWay.delete(name);
      stored({ ...position, previous });
      return { position, isDuplicate: false };
    };
    return this.#writes.written(work, written, () => {
      if (name !== undefined) this.#keysUnderWay.delete(name);
    });
  }

  #duplicate(name: string, now: number): MaybePromise<Published> | undefined {
    const underWay = this.#keysUnderWay.get(name);
    if (underWay !== undefined) return underWay.then(({ position }) => ({ position, isDuplicate: true }));
    const text = this.#keeper.level.getSync(idempotencyKey(name));
    const record = text === undefined ? undefined : decodeKey(text);
    if (record === undefined || now - record.at >= IDEMPOTENCY_TTL) return undefined;
    return { position: { epoch: this.#keeper.told(record.epoch), offset: record.offset }, isDuplicate: true };
  }

  /** Never earlier than the last time. */
  #now(): number {
    this.#time = Math.max(this.#time, this.#owner?.now() ?? 0);
    return this.#time;
  }

  /** @throws EngineError whatever the store throws */
  #working<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw failed(this.#directory, error);
    }
  }
}
