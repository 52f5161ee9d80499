import { randomBytes } from 'node:crypto';
import type { EventPosition, History, HistoryRequest, Retention } from '../engine.ts';
import type { Publication, StoredPublication } from '../publication.ts';
import { isComplete } from './completeness.ts';
import { sizeOf } from './history-budget.ts';

// One channel's stream in memory. Its offsets are whole numbers without holes, so that an offset is a place in a list.

export function newEpoch(): string {
  return randomBytes(9).toString('base64url');
}

export class MemoryStream {
  readonly channel: string;
  readonly epoch = newEpoch();
  #retention: Retention;
  /** When it was asked for or published to, in milliseconds since 1970. */
  #usedAt: number;
  #top = 0;
  /** What was dropped is before `#head`. The lists are cut when that is half of them, so that dropping costs little. */
  #stored: StoredPublication[] = [];
  #times: number[] = [];
  #head = 0;
  /** Bytes that publications have taken or given back since somebody has asked. */
  #growth = 0;

  constructor(channel: string, retention: Retention, now: number) {
    this.channel = channel;
    this.#retention = retention;
    this.#usedAt = now;
  }

  get top(): number {
    return this.#top;
  }

  /** Publications that are kept. */
  get size(): number {
    return this.#stored.length - this.#head;
  }

  /** Milliseconds since 1970 from which on nobody needs to know that there was a stream. */
  endsAt(unusedTtl: number): number {
    const { positionTtl } = this.#retention;
    return this.#usedAt + (this.#top === 0 ? Math.min(unusedTtl, positionTtl) : positionTtl);
  }

  append(publication: Publication, retention: Retention, now: number): EventPosition {
    const previous = this.#top++;
    this.#usedAt = now;
    this.#stored.push({ publication, offset: this.#top });
    this.#times.push(now);
    this.#growth += sizeOf(publication);
    this.#retention = retention;
    this.dropOld(now);
    return { epoch: this.epoch, offset: this.#top, previous };
  }

  read(retention: Retention, request: HistoryRequest, now: number): History {
    if (this.#top === 0) this.#usedAt = now;
    this.#retention = retention;
    this.dropOld(now);
    const floor = this.#top - this.size;
    return {
      position: { epoch: this.epoch, offset: this.#top },
      publications: this.#select(request, floor),
      isComplete: isComplete(request, this.epoch, floor, this.#top),
    };
  }

  removeAll(): void {
    this.#drop(this.size);
  }

  /** Bytes, about, that its publications take more than when this was called last. */
  takeGrowth(): number {
    const growth = this.#growth;
    this.#growth = 0;
    return growth;
  }

  /** Drops the oldest until so many bytes are free, or nothing is left. @returns how many */
  shorten(bytes: number): number {
    let count = 0;
    for (let freed = 0; freed < bytes && count < this.size; count++) {
      const stored = this.#stored[this.#head + count];
      if (stored !== undefined) freed += sizeOf(stored.publication);
    }
    this.#drop(count);
    return count;
  }

  /** Drops what retention does not keep. */
  dropOld(now: number): void {
    const { size, ttl } = this.#retention;
    let count = Math.max(0, this.size - size);
    while (count < this.size && now - (this.#times[this.#head + count] ?? now) >= ttl) count++;
    if (count > 0) this.#drop(count);
  }

  #drop(count: number): void {
    for (let index = this.#head; index < this.#head + count; index++) {
      const stored = this.#stored[index];
      if (stored !== undefined) this.#growth -= sizeOf(stored.publication);
    }
    this.#head += count;
    if (this.#head * 2 < this.#stored.length) return;
    this.#stored = this.#stored.slice(this.#head);
    this.#times = this.#times.slice(this.#head);
    this.#head = 0;
  }

  #select({ since, limit = Number.POSITIVE_INFINITY, isReversed = false }: HistoryRequest, floor: number) {
    const place = (offset: number) => this.#head + Math.min(Math.max(offset - floor, 0), this.size);
    if (!isReversed) {
      const start = since === undefined || since.epoch !== this.epoch ? this.#head : place(since.offset);
      return this.#stored.slice(start, Math.min(start + limit, this.#stored.length));
    }
    const end = since === undefined || since.epoch !== this.epoch ? this.#stored.length : place(since.offset - 1);
    return this.#stored.slice(Math.max(end - limit, this.#head), end).reverse();
  }
}
