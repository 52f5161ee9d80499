/** What is shorter is a copy already. */
const SHORTEST_SLICE = 13;

/**
 * The same text in memory of its own. What V8 cuts out of a string keeps all of that: twenty bytes of a message of 64 KiB would hold
 * the whole of it for as long as a history does.
 */
export function own(text: string): string {
  return text.length < SHORTEST_SLICE ? text : Buffer.from(text).toString();
}
