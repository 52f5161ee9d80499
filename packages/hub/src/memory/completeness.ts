import type { HistoryRequest } from '../engine.ts';

/**
 * `History.isComplete` of a stream whose offsets have no holes.
 * @param floor the last offset that is not kept any more; 0 if all are
 * @param top the last offset that was given
 */
export function isComplete({ since, isReversed = false }: HistoryRequest, epoch: string, floor: number, top: number) {
  if (since === undefined) return true;
  if (since.epoch !== epoch) return false;
  // An offset that was never given is of a stream that has lost some.
  if (since.offset > top) return false;
  if (!isReversed) return since.offset >= floor;
  return floor === 0 || since.offset - 1 > floor;
}
