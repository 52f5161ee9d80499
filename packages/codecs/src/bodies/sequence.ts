import { Cursor } from '../cursor.ts';
import type { JsonValue } from '../decoder.ts';
import { MAX_PACKETS, type Readings } from '../reading.ts';

/** Values in binary, one behind the other: those before a problem, and one that has a problem as far as it was understood. */
export function readSequence(bytes: Uint8Array, read: (cursor: Cursor) => JsonValue): Readings<JsonValue> {
  const cursor = new Cursor(bytes);
  const values: JsonValue[] = [];
  while (!cursor.isAtEnd) {
    if (values.length === MAX_PACKETS) return { values, problem: `more than ${MAX_PACKETS} values` };
    values.push(read(cursor));
  }
  if (bytes.length === 0) return { values, problem: 'it is empty' };
  return cursor.problem === undefined ? { values } : { values, problem: cursor.problem };
}
