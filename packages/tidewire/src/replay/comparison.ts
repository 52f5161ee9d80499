import { type MessageData, maskMessage, plainMessage } from '@tidewire/inspector/recording';
import { visible } from '../connect/format.ts';
import { type ConnectionPlan, type Expected, MASK } from './plan.ts';
import type { Outcome } from './replayed-connection.ts';

// What came back, beside what had come back when it was recorded.

export interface ComparisonOptions {
  /** Compares the messages themselves, in order, and not only how many there are. */
  readonly contents: boolean;
  /** What is found by these, in text, may differ. */
  readonly ignored: readonly RegExp[];
}

/** Of a message that is shown, in characters. */
const MOST_SHOWN = 80;

/** What is different, each in a line; nothing if all was as recorded. `failure` is why it could not be opened, or was lost. */
export function differences(
  plan: ConnectionPlan,
  outcome: Outcome,
  failure: string,
  options: ComparisonOptions,
): string[] {
  const { wasOpened, end, endedByServer, received } = outcome;
  if (!wasOpened) {
    const status = end.failure?.response?.status;
    if (plan.refusedWith !== undefined && plan.refusedWith === status) return [];
    return [`it could not be opened: ${failure}`];
  }
  if (plan.refusedWith !== undefined)
    return [`it was opened, and was refused with ${plan.refusedWith} when it was recorded`];
  const found: string[] = [];
  if (options.contents) {
    const content = firstDifference(plan.expected, received, options.ignored);
    if (content !== undefined) found.push(content);
  }
  if (found.length === 0 && received.length !== plan.expected.length) {
    found.push(`${count(received.length)} came back, and ${plan.expected.length} when it was recorded`);
  }
  const ending = endDifference(plan, outcome, failure);
  if (ending !== undefined) found.push(ending);
  else if (!end.wasClean && !endedByServer && plan.ending.by !== 'loss') found.push(`it was lost: ${failure}`);
  return found;
}

function endDifference(
  { ending }: ConnectionPlan,
  { end, endedByServer, sent }: Outcome,
  failure: string,
): string | undefined {
  if (ending.by === 'server') {
    if (!endedByServer) return `the server did not close it, and closed it with ${ending.code} when it was recorded`;
    return end.code === ending.code
      ? undefined
      : `the server closed it with ${end.code}, and with ${ending.code} when it was recorded`;
  }
  if (!endedByServer) return undefined;
  const how = end.wasClean ? `the server closed it with ${end.code}` : `it was lost: ${failure}`;
  return `${how}, after ${count(sent)} of ours`;
}

function firstDifference(expected: readonly Expected[], received: readonly MessageData[], ignored: readonly RegExp[]) {
  for (const [index, message] of expected.entries()) {
    const came = received[index];
    const recorded = shown(message.data);
    if (came === undefined) return `message ${index + 1} did not come: ${recorded}`;
    if (!isSame(message, came, ignored)) {
      return `message ${index + 1} was ${shown(came)}, and ${recorded} when it was recorded`;
    }
  }
  const more = received[expected.length];
  return more === undefined
    ? undefined
    : `message ${expected.length + 1} came, which is not in the recording: ${shown(more)}`;
}

function isSame({ data, isCut }: Expected, came: MessageData, ignored: readonly RegExp[]): boolean {
  if (typeof data !== 'string') {
    return typeof came !== 'string' && Buffer.from(data).equals(isCut ? came.subarray(0, data.length) : came);
  }
  if (typeof came !== 'string') return false;
  // What was masked when it was recorded can only be compared with what would be.
  const now = data.includes(MASK) ? masked(came) : came;
  const without = (text: string) => ignored.reduce((rest, pattern) => rest.replace(pattern, ''), text);
  const [before, after] = [without(data), without(now)];
  // A character that was cut in two is U+FFFD, maybe more than once.
  return before === after || (isCut && after.startsWith(before.replace(/\uFFFD+$/, '')));
}

function masked(text: string): string {
  const { data } = maskMessage(plainMessage({ seq: 1, connection: 1, at: 0, direction: 'toClient', data: text }));
  return typeof data === 'string' ? data : text;
}

function shown(message: MessageData): string {
  const text = typeof message === 'string' ? message : Buffer.from(message.subarray(0, MOST_SHOWN)).toString('hex');
  const cut = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return visible(cut.replace(/\s+/g, ' '));
}

export function count(number: number, what = 'message'): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
