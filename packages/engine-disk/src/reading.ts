import type { History, HistoryRequest, StoredPublication, StreamPosition } from '@tidewire/hub';
import type { ClassicLevel } from 'classic-level';
import { damaged } from './errors.ts';
import { decodePublication, offsetOf, publicationKey } from './records.ts';

// Reads a stream. What is missing is seen by the offsets, which have no holes: so nothing is ever passed over in silence, be it
// dropped while it is being read, too old, or lost by the disk.

export interface Reading {
  readonly level: ClassicLevel;
  /** Of the keys. */
  readonly epoch: string;
  /** The last publication that can be told. */
  readonly position: StreamPosition;
  /** What is up to here is dropped, whether or not it is still there. */
  readonly floor: number;
  /** Publications that were stored then, or before, are too old. */
  readonly expiredAt: number;
}

/** Records and bytes that are read in one go. */
const CHUNK = 1000;
const CHUNK_BYTES = 1024 * 1024;

export async function readStream(reading: Reading, request: HistoryRequest): Promise<History> {
  const { position } = reading;
  const { since, limit = Number.POSITIVE_INFINITY, isReversed = false } = request;
  const isKnown = since === undefined || (since.epoch === position.epoch && since.offset <= position.offset);
  if (limit === 0 && since === undefined) return { position, publications: [], isComplete: true };
  const place = isKnown ? since?.offset : undefined;
  const { publications, isWhole } = isReversed
    ? await readBackward(reading, place ?? position.offset + 1, limit)
    : await readForward(reading, place ?? 0, limit);
  return { position, publications, isComplete: since === undefined || (isKnown && isWhole) };
}

interface Found {
  readonly publications: readonly StoredPublication[];
  /** Whether the first that was asked for is there, or nothing was. */
  readonly isWhole: boolean;
}

async function readForward(reading: Reading, after: number, limit: number): Promise<Found> {
  const top = reading.position.offset;
  let publications: StoredPublication[] = [];
  let last = Math.max(after, reading.floor);
  let isWhole = last === after;
  if (after === top) return { publications, isWhole };
  for await (const { offset, publication, isExpired } of records(reading, last, top + 1, false)) {
    if (isExpired || offset !== last + 1) {
      // Whatever is before a hole is as good as dropped.
      publications = [];
      isWhole = false;
    }
    last = offset;
    if (isExpired) continue;
    if (publications.length < limit) publications.push({ publication, offset });
    // A hole behind the last one is for the next reader to find.
    if (publications.length >= limit || offset === top) return { publications, isWhole };
  }
  return { publications: [], isWhole: last === top && isWhole };
}

async function readBackward(reading: Reading, before: number, limit: number): Promise<Found> {
  const publications: StoredPublication[] = [];
  if (before <= 1) return { publications, isWhole: true };
  let last = before;
  for await (const { offset, publication, isExpired } of records(reading, reading.floor, before, true)) {
    if (isExpired || offset !== last - 1) break;
    last = offset;
    if (publications.length < limit) publications.push({ publication, offset });
    if (publications.length >= limit) break;
  }
  return { publications, isWhole: last < before };
}

interface StoredRecord extends StoredPublication {
  readonly isExpired: boolean;
}

/** Those between two offsets, as they were when this was called. */
async function* records({ level, epoch, expiredAt }: Reading, after: number, before: number, reverse: boolean) {
  const iterator = level.iterator({
    gt: publicationKey(epoch, after),
    lt: publicationKey(epoch, before),
    reverse,
    highWaterMarkBytes: CHUNK_BYTES,
  });
  try {
    for (let chunk = await iterator.nextv(CHUNK); chunk.length > 0; chunk = await iterator.nextv(CHUNK))
      for (const [key, value] of chunk) yield recordOf(level, key, value, expiredAt);
  } finally {
    await iterator.close();
  }
}

function recordOf(level: ClassicLevel, key: string, value: string, expiredAt: number): StoredRecord {
  const record = decodePublication(value);
  if (record === undefined) throw damaged(level.location, `the publication ${JSON.stringify(key)} cannot be read`);
  return { offset: offsetOf(key), publication: record.publication, isExpired: record.at <= expiredAt };
}
