import type { History, HistoryRequest, Publication, Retention, StoredPublication } from '@tidewire/hub';
import type { StoredRecord } from './records.ts';

// What a history says of the records that were read. A record before the first publication that can be given, be it a birth, a
// clearance, or a publication that is too old by now, shows that nothing is missing between the two.

/** A record that is kept. */
export interface Kept {
  /** That it has, or stands for. */
  readonly offset: number;
  /** When the server took it, in milliseconds since 1970. */
  readonly time: number;
  readonly publication: Publication | undefined;
}

/** @param kept without a hole, oldest first: from the one at `since`, if it is kept, or all */
export function answerOf(
  kept: readonly Kept[],
  head: StoredRecord,
  retention: Retention,
  { since, limit = Infinity, isReversed = false }: HistoryRequest,
  now: number,
): History {
  const position = { epoch: head.epoch, offset: head.offset };
  const given = kept.slice(firstGiven(kept, retention, now));
  const base = kept[kept.length - given.length - 1]?.offset;
  const publications = given.flatMap(stored);
  if (since === undefined || since.epoch !== head.epoch) {
    const ordered = isReversed ? publications.reverse() : publications;
    return { position, publications: ordered.slice(0, limit), isComplete: since === undefined };
  }
  if (isReversed) {
    const before = publications.filter(({ offset }) => offset < since.offset).reverse();
    const isKept = base === 0 || publications.some(({ offset }) => offset < since.offset);
    return { position, publications: before.slice(0, limit), isComplete: isKept && since.offset <= head.offset };
  }
  const after = publications.filter(({ offset }) => offset > since.offset);
  const isComplete =
    since.offset === head.offset ||
    since.offset === base ||
    (since.offset < head.offset && publications.some(({ offset }) => offset === since.offset));
  return { position, publications: after.slice(0, limit), isComplete };
}

/** The index of the first record that is neither too old nor one too many, nor followed by one that is. */
function firstGiven(kept: readonly Kept[], { size, ttl }: Retention, now: number): number {
  let index = kept.length;
  let count = 0;
  while (index > 0) {
    const record = kept[index - 1];
    if (record?.publication === undefined || now - record.time > ttl || count === size) break;
    count++;
    index--;
  }
  return index;
}

function stored({ offset, publication }: Kept): StoredPublication[] {
  return publication === undefined ? [] : [{ offset, publication }];
}
