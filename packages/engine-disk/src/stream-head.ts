import { randomBytes } from 'node:crypto';
import type { Retention } from '@tidewire/hub';
import type { Operation } from './group-commit.ts';
import { dueKey, type HeadRecord, headKey, publicationKey } from './records.ts';

// One stream as it will be when all that waits to be written is written, and what has to be written to change it. The stream's
// own record is not among that: it is written with every group that has something of the stream.

export class StreamHead implements HeadRecord {
  readonly channel: string;
  readonly epoch: string;
  top: number;
  floor: number;
  usedAt: number;
  due: number;
  size: number;
  ttl: number;
  positionTtl: number;
  /** The last offset that has been written, and so can be told. */
  stored: number;
  /** What of this stream waits to be written. */
  pending = 0;
  /** Whether the stream has ended, and its record is not to be written again. */
  isOver = false;

  constructor(channel: string, record: HeadRecord) {
    this.channel = channel;
    this.epoch = record.epoch;
    this.top = record.top;
    this.floor = record.floor;
    this.usedAt = record.usedAt;
    this.due = record.due;
    this.size = record.size;
    this.ttl = record.ttl;
    this.positionTtl = record.positionTtl;
    this.stored = record.top;
  }

  static begin(channel: string, { size, ttl, positionTtl }: Retention, now: number): StreamHead {
    const epoch = randomBytes(9).toString('base64url');
    return new StreamHead(channel, { epoch, top: 0, floor: 0, usedAt: now, due: 0, size, ttl, positionTtl });
  }

  retain({ size, ttl, positionTtl }: Retention): void {
    this.size = size;
    this.ttl = ttl;
    this.positionTtl = positionTtl;
  }

  /** When nobody needs to know of it any more. */
  endsAt(unusedTtl: number): number {
    return this.usedAt + (this.top === 0 ? Math.min(unusedTtl, this.positionTtl) : this.positionTtl);
  }
}

/** Publications of one stream that go at once with another write: what remains goes the next time. */
const MOST_AT_ONCE = 10_000;

/** Drops what is up to `floor`, or a part of it. */
export function drop(head: StreamHead, floor: number): Operation[] {
  const end = Math.min(floor, head.top, head.floor + MOST_AT_ONCE);
  const operations: Operation[] = [];
  while (head.floor < end) operations.push({ type: 'del', key: publicationKey(head.epoch, ++head.floor) });
  return operations;
}

export function dropAll(head: StreamHead): Operation[] {
  const operations: Operation[] = [];
  while (head.floor < head.top) for (const operation of drop(head, head.top)) operations.push(operation);
  return operations;
}

/** Changes when the sweeper looks at the stream. */
export function moveDue(head: StreamHead, due: number): Operation[] {
  if (due === head.due) return [];
  const before: Operation[] = head.due === 0 ? [] : [{ type: 'del', key: dueKey(head.due, head.channel) }];
  head.due = due;
  return [...before, { type: 'put', key: dueKey(due, head.channel), value: '' }];
}

export function end(head: StreamHead): Operation[] {
  head.isOver = true;
  const operations = dropAll(head);
  operations.push({ type: 'del', key: headKey(head.channel) }, { type: 'del', key: dueKey(head.due, head.channel) });
  return operations;
}
