import type { Acknowledged } from './publisher.ts';
import type { Told } from './subscriber.ts';

// What must hold of what a subscriber was told of a room: every acknowledged publication once and in order, from its first
// subscription to the end, except where it was told that it cannot recover; and it may be told so only where it has missed more
// than is kept.

export interface Counts {
  publications: number;
  recovered: number;
  toldNot: number;
}

export interface RoomTruth {
  readonly room: string;
  /** By sequence number, from 1. */
  readonly acknowledged: readonly Acknowledged[];
  /** Publications that the room keeps. */
  readonly size: number;
}

/** @returns what is wrong, a line for each */
export function check({ room, acknowledged, size }: RoomTruth, told: readonly Told[], counts: Counts): string[] {
  const problems: string[] = [];
  const offsets = acknowledged.map(({ offset }) => offset);
  /** The sequence number of the last publication up to an offset. */
  const upTo = (offset: number) => offsets.filter((each) => each <= offset).length;
  let last: number | undefined;
  for (const each of told) {
    if (each.kind === 'publication') {
      const { sequence, offset } = each;
      counts.publications++;
      if (last === undefined) problems.push(`${sequence} came before the subscription`);
      else if (sequence <= last) problems.push(`${sequence} came after ${last}`);
      else if (sequence > last + 1) problems.push(`${last + 1} to ${sequence - 1} are missing, and nothing was said`);
      const at = offsets[sequence - 1];
      if (at !== offset) problems.push(`${sequence} came with the offset ${offset}, and was acknowledged at ${at}`);
      last = sequence;
    } else if (last === undefined) {
      if (each.wasRecovering) problems.push('the first subscription recovers');
      last = upTo(each.offset);
    } else if (!each.wasRecovering) {
      problems.push(`it does not recover after ${last}`);
      last = upTo(each.offset);
    } else if (each.recovered) {
      counts.recovered++;
    } else {
      counts.toldNot++;
      const missed = upTo(each.offset) - last;
      if (missed <= size)
        problems.push(
          `it was told that it cannot recover, but has missed ${missed} after ${last}, and ${size} are kept`,
        );
      last = upTo(each.offset);
    }
  }
  if (last !== acknowledged.length) problems.push(`it ends with ${last}, and not with ${acknowledged.length}`);
  return problems.map((problem) => `${room}: ${problem}`);
}

/** An epoch that ends, or offsets that do not grow. */
export function checkStream({ room, acknowledged }: RoomTruth): string[] {
  const problems: string[] = [];
  for (const [i, { epoch, offset }] of acknowledged.entries()) {
    const before = acknowledged[i - 1];
    if (before === undefined) continue;
    if (epoch !== before.epoch) problems.push(`${room}: ${i + 1} has the epoch ${epoch}, and ${i} had ${before.epoch}`);
    if (offset <= before.offset)
      problems.push(`${room}: ${i + 1} has the offset ${offset}, and ${i} had ${before.offset}`);
  }
  return problems;
}
