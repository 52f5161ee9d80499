import type { ConnectionRecord, MessageData, MessageRecord, Recording } from '@tidewire/inspector/recording';
import { UsageError } from '../problem.ts';

// What a recording says is to be done again, and what is to come of it. Times are in milliseconds from the beginning of the first
// connection.

/** One connection that was recorded. */
export interface ConnectionPlan {
  readonly id: number;
  readonly record: ConnectionRecord;
  readonly opensAt: number;
  /** What went to the server, in order. Control frames are left to the client, which makes its own. */
  readonly sends: readonly { readonly at: number; readonly data: MessageData }[];
  /** What the server sent, in order, whatever became of it on its way. */
  readonly expected: readonly Expected[];
  readonly ending: Ending;
  /** Those that were asked for. */
  readonly subprotocols: readonly string[];
  /** Whether the server refused it. */
  readonly refusedWith: number | undefined;
}

/** What the server sent; only the beginning where `isCut`. */
export interface Expected {
  readonly data: MessageData;
  readonly isCut: boolean;
}

/** How it ended: who closed it. Whatever ended neither way is closed when all has come that had come. */
export type Ending =
  | { readonly by: 'client'; readonly at: number; readonly code: number | undefined; readonly reason: string }
  /** Without a Close frame. */
  | { readonly by: 'loss'; readonly at: number }
  | { readonly by: 'server'; readonly at: number; readonly code: number }
  | { readonly by: 'nobody' };

/** What was masked has this in its place. */
export const MASK = '••••';

/**
 * @param only ids of connections; all if it is empty
 * @throws UsageError if there is nothing to send again, or not as it was
 */
export function planOf({ connections, messages }: Recording, only: readonly number[]): readonly ConnectionPlan[] {
  for (const id of only) {
    if (!connections.some((each) => each.id === id)) throw new UsageError(`--connection ${id} is not in the recording`);
  }
  const chosen = only.length === 0 ? connections : connections.filter(({ id }) => only.includes(id));
  const byConnection = new Map<number, MessageRecord[]>(chosen.map(({ id }) => [id, []]));
  for (const message of messages) byConnection.get(message.connection)?.push(message);
  const start = chosen.reduce((least, { openedAt }) => Math.min(least, openedAt), Number.POSITIVE_INFINITY);
  // Those that were never answered have nothing to be done again.
  const answered = chosen.filter(({ id, response }) => response !== undefined || byConnection.get(id)?.length !== 0);
  if (answered.length === 0) throw new UsageError('There is no connection in the recording that was answered');
  return answered
    .map((record) => connectionPlan(record, byConnection.get(record.id) ?? [], start))
    .sort((one, other) => one.opensAt - other.opensAt);
}

function connectionPlan(record: ConnectionRecord, messages: readonly MessageRecord[], start: number): ConnectionPlan {
  const data = messages.filter(({ opcode }) => opcode <= 2);
  const sends = data.filter(({ direction, fate }) => direction === 'toServer' && fate !== 'dropped' && fate !== 'held');
  const cut = sends.find(({ isCut }) => isCut);
  if (cut !== undefined) {
    throw new UsageError(
      `Message ${cut.seq} of the recording was not kept whole, so it cannot be sent again: only its beginning of ${cut.length} bytes is there`,
    );
  }
  const status = record.response?.status;
  return {
    id: record.id,
    record,
    opensAt: record.openedAt - start,
    sends: sends.map(({ at, data: sent }) => ({ at: at - start, data: sent })),
    expected: data
      .filter(({ direction, fate }) => direction === 'toClient' && fate !== 'injected')
      .map(({ data: came, original, isCut }) => ({ data: original ?? came, isCut })),
    ending: endingOf(record, start),
    subprotocols: subprotocolsOf(record),
    refusedWith: status === undefined || status === 101 || status === 200 ? undefined : status,
  };
}

function endingOf({ end }: ConnectionRecord, start: number): Ending {
  if (end === undefined || end.by === 'inspector') return { by: 'nobody' };
  const at = end.at - start;
  if (end.by === 'server') return { by: 'server', at, code: end.code };
  if (end.code === 1006) return { by: 'loss', at };
  // Other codes are not for programs to send: 1001 is of a browser whose page is gone.
  const code = end.code === 1005 ? undefined : end.code >= 3000 && end.code <= 4999 ? end.code : 1000;
  return { by: 'client', at, code, reason: code === undefined ? '' : end.reason };
}

function subprotocolsOf({ request }: ConnectionRecord): readonly string[] {
  return request.headers
    .filter(([name]) => name.toLowerCase() === 'sec-websocket-protocol')
    .flatMap(([, value]) => value.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.includes(MASK));
}

/** Messages that are sent with masks in place of secrets. */
export function countMasked(plans: readonly ConnectionPlan[]): number {
  const isMasked = ({ data }: { readonly data: MessageData }) => typeof data === 'string' && data.includes(MASK);
  return plans.reduce((count, { sends }) => count + sends.filter(isMasked).length, 0);
}
