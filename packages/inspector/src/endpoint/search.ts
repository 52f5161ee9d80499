import type { Recorder } from '../recorder.ts';
import { compileMatch, type InspectorMessage, type Order } from '../recording/index.ts';
import { isToldInPart, type Masking } from './news.ts';

// What a page looks for in messages of which it has the beginning only. It looks through the beginnings itself.

/** Characters that are looked through for one answer, about: as long as that takes, nothing goes through the proxy. */
const MOST = 256 * 1024;

/**
 * What was found in the next piece. Nothing is found by a secret that is masked, nor by the mask.
 * @throws PatternError
 */
export function search(
  recorder: Recorder,
  masking: Masking,
  { from, text, pattern }: Extract<Order, { type: 'search' }>,
): Pick<Extract<InspectorMessage, { type: 'done' }>, 'found' | 'next'> {
  const has = compileMatch({ text, pattern }, recorder.keeps.bytesOfMessage);
  const found: number[] = [];
  let looked = 0;
  for (const record of recorder.messages(from)) {
    if (!isToldInPart(record)) continue;
    if (looked >= MOST) return { found, next: record.seq };
    looked += record.data.length;
    // Masking takes forty times as long as looking for a text (70 ms for 1 MiB of JSON), so that it comes last.
    if (has(record) && (!masking.isOn || has(masking.message(record)))) found.push(record.seq);
  }
  return { found, next: Math.max(from, recorder.nextSeq) };
}
