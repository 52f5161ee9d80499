import { raceLanes } from '../race-messages.ts';
import { standingOf } from './lane-table.tsx';
import { formatBytes, formatLatency } from './numbers.ts';
import type { Race } from './race.ts';

/** The race in one sentence, once there is something to say. */
export function Verdict({ race }: { race: Race | undefined }) {
  const socket = raceLanes.filter((lane) => lane.startsWith('websocket')).map((lane) => standingOf(race, lane));
  const { latency, bytes } = socket.find(({ latency }) => latency !== undefined) ?? {};
  const wait = standingOf(race, 'polling').latency;
  const weight = standingOf(race, 'long-polling').bytes;
  if (latency === undefined || bytes === undefined || wait === undefined || weight === undefined) {
    return <p class="verdict muted">The same messages, by every way there is: the lanes are opening…</p>;
  }
  return (
    <p class="verdict" data-testid="verdict">
      By WebSocket a message is here after <strong>{formatLatency(latency)}</strong> and takes{' '}
      <strong>{formatBytes(bytes)}</strong> on the wire. Interval polling keeps you waiting for{' '}
      <b>{formatLatency(wait)}</b>; long polling takes <b>{formatBytes(weight)}</b>.
    </p>
  );
}
