import { EngineError } from '@tidewire/hub';
import { encodeHead, headKey } from './records.ts';
import type { StreamHead } from './stream-head.ts';

// Everything that is written goes through here, in one order: while one group is being written, what comes is put together
// to the next one. A write to the disk takes the same time for one publication as for a hundred.

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string };

export interface Write {
  /** Whose events this stands in line with. */
  readonly channel: string;
  readonly operations: readonly Operation[];
  /** Written, as it is at the time of writing. */
  readonly head?: StreamHead | undefined;
  /** Bytes, about. */
  readonly bytes: number;
  /** Whether somebody waits for it to be safe. */
  readonly isAwaited: boolean;
}

/** A write, and what is to be done after it, neither of which throws. */
export interface Work extends Write {
  done(): void;
  failed(error: EngineError): void;
}

export interface Disk {
  write(operations: Operation[], isAwaited: boolean): Promise<void>;
  /** Nothing of the group, nor of what came since, will be written; what it all was is told right after this returns. */
  broken(error: unknown): EngineError;
}

export class GroupCommit {
  readonly #disk: Disk;
  readonly #limit: number;
  #group: Work[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  /** Works that wait, by channel. */
  readonly #pending = new Map<string, number>();
  #idle: (() => void)[] = [];

  /** @param limit bytes that may wait to be written */
  constructor(disk: Disk, limit: number) {
    this.#disk = disk;
    this.#limit = limit;
  }

  isWaiting(channel: string): boolean {
    return this.#pending.has(channel);
  }

  /** @throws EngineError `UNAVAILABLE` if too much waits already */
  checkRoom(): void {
    if (this.#waitingBytes >= this.#limit)
      throw new EngineError('UNAVAILABLE', `The disk is too slow: ${this.#waitingBytes} bytes wait to be written`);
  }

  add(work: Work): void {
    this.#group.push(work);
    this.#waitingBytes += work.bytes;
    this.#pending.set(work.channel, (this.#pending.get(work.channel) ?? 0) + 1);
    if (work.head !== undefined) work.head.pending++;
    if (this.#isWriting) return;
    this.#isWriting = true;
    // What the turn still has to say is written with it.
    queueMicrotask(() => void this.#writeAll());
  }

  /**
   * The same, as a promise.
   * @param done is called as soon as it is written, in the order of all that is; its result is that of the promise
   * @param failed is called before the promise rejects
   */
  written(write: Write): Promise<void>;
  written<Result>(write: Write, done: () => Result, failed: () => void): Promise<Result>;
  written(write: Write, done = () => {}, failed = () => {}): Promise<void> {
    return new Promise((resolve, reject) => {
      this.add({
        ...write,
        done: () => {
          try {
            resolve(done());
          } catch (error) {
            reject(error);
          }
        },
        failed: (error) => {
          failed();
          reject(error);
        },
      });
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    if (this.#isWriting) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #writeAll(): Promise<void> {
    while (this.#group.length > 0) {
      const group = this.#group;
      this.#group = [];
      try {
        await this.#write(group);
        for (const work of group) this.#finish(work, () => work.done());
      } catch (error) {
        const reason = this.#disk.broken(error);
        const all = [...group, ...this.#group];
        this.#group = [];
        for (const work of all) this.#finish(work, () => work.failed(reason));
      }
    }
    this.#isWriting = false;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  async #write(group: readonly Work[]): Promise<void> {
    const operations = group.flatMap((work) => work.operations);
    for (const head of new Set(group.map(({ head }) => head)))
      if (head !== undefined && !head.isOver)
        operations.push({ type: 'put', key: headKey(head.channel), value: encodeHead(head) });
    if (operations.length === 0) return;
    await this.#disk.write(
      operations,
      group.some(({ isAwaited }) => isAwaited),
    );
  }

  #finish(work: Work, tell: () => void): void {
    this.#waitingBytes -= work.bytes;
    if (work.head !== undefined) work.head.pending--;
    const pending = (this.#pending.get(work.channel) ?? 1) - 1;
    if (pending === 0) this.#pending.delete(work.channel);
    else this.#pending.set(work.channel, pending);
    tell();
  }
}
