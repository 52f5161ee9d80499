import { setTimeout as wait } from 'node:timers/promises';
import type { HubPresenceScenario } from '../hub-scenarios.ts';
import type { Sample } from '../job.ts';
import type { PeerName } from '../peers.ts';
import type { ServerProcess } from '../server-process.ts';
import { subscribing } from './dialects.ts';
import { clientFrame } from './frames.ts';
import { MarkerCounter } from './marker-counter.ts';
import { settled } from './memory.ts';
import { RawConnection } from './raw-connection.ts';

// Many clients are in one channel with presence: what it costs that they come, that somebody asks who is there, and that
// others are told who comes and goes.

const AT_ONCE = 200;
/** In another channel, so that what the server needs once is not counted. */
const FIRST = 500;
/** How often it is asked who is there: one after the other, and then at once. */
const ANSWERS = 10;

const member = subscribing('{"channel":"room"}');
const watcher = subscribing('{"channel":"room","join_leave":true}');
const other = subscribing('{"channel":"elsewhere"}');
const nowhere = subscribing();

export async function measurePresence(
  server: ServerProcess,
  peer: PeerName,
  scenario: HubPresenceScenario,
): Promise<Sample> {
  const { members, watchers, changes } = scenario;
  const { port } = server;
  const open = async (count: number, dialect: typeof member): Promise<RawConnection[]> => {
    const opened: RawConnection[] = [];
    for (let left = count; left > 0; left -= AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, left) }, () => RawConnection.open({ port, peer, dialect }));
      opened.push(...(await Promise.all(batch)));
    }
    return opened;
  };
  await open(FIRST, other);
  const before = await settled(server);
  const [cpuSeconds, start] = [server.cpuSeconds, performance.now()];
  const [asker] = await open(1, member);
  await open(members - watchers - 1, member);
  const watching = await open(watchers, watcher);
  if (asker === undefined) throw new Error('There must be a member');
  await untilComplete(asker, members);
  const seconds = (performance.now() - start) / 1000;
  const entering = { seconds, cpuSeconds: server.cpuSeconds - cpuSeconds };
  const bytesPerConnection = ((await settled(server)) - before) / members;
  const [bystander] = await open(1, nowhere);
  if (bystander === undefined) throw new Error('There must be a bystander');
  server.forgetPeak();
  const answers = await measureAnswers(server, asker, bystander, members);
  const [visitor] = await open(1, nowhere);
  if (visitor === undefined) throw new Error('There must be a visitor');
  const changeCpuMs = await measureChanges(server, visitor, watching, changes);
  return { ...entering, bytesPerConnection, ...answers, changeCpuMs, peakMiB: server.peakBytes / 1024 / 1024 };
}

const STATS = clientFrame('text', Buffer.from('{"id":7,"presence_stats":{"channel":"room"}}'));
const PRESENCE = clientFrame('text', Buffer.from('{"id":8,"presence":{"channel":"room"}}'));
const PING = clientFrame('text', Buffer.from('{"id":9,"ping":{}}'));

/** Entering goes on after clients are told that they are subscribed. */
async function untilComplete(asker: RawConnection, members: number): Promise<void> {
  for (;;) {
    asker.socket.write(STATS);
    const { presence_stats: stats } = JSON.parse((await asker.readMessage()).payload.toString());
    if (stats.num_clients === members) return;
  }
}

async function measureAnswers(
  server: ServerProcess,
  asker: RawConnection,
  bystander: RawConnection,
  members: number,
): Promise<Sample> {
  let isOver = false;
  const blocked = longestWait(bystander, () => isOver);
  const cpuSeconds = server.cpuSeconds;
  const times: number[] = [];
  let size = 0;
  for (let i = 0; i < ANSWERS; i++) {
    const sentAt = performance.now();
    asker.socket.write(PRESENCE);
    const { payload } = await asker.readMessage();
    times.push(performance.now() - sentAt);
    size = payload.length;
    const { presence } = JSON.parse(payload.toString());
    if (Object.keys(presence.presence).length !== members) throw new Error('Not all of them are said to be there');
  }
  isOver = true;
  times.sort((a, b) => a - b);
  return {
    answerMs: times[times.length >> 1] ?? 0,
    answerKiB: size / 1024,
    answerCpuMs: ((server.cpuSeconds - cpuSeconds) * 1000) / ANSWERS,
    blockedMs: await blocked,
  };
}

/** A client that asks now and then for nothing. */
async function longestWait(connection: RawConnection, isOver: () => boolean): Promise<number> {
  let longest = 0;
  while (!isOver()) {
    await wait(5);
    const sentAt = performance.now();
    connection.socket.write(PING);
    await connection.readMessage();
    longest = Math.max(longest, performance.now() - sentAt);
  }
  return longest;
}

/** Joins and leaves, one after the other, each told to all that watch. */
async function measureChanges(
  server: ServerProcess,
  visitor: RawConnection,
  watching: readonly RawConnection[],
  changes: number,
): Promise<number> {
  let missing = 0;
  let told: () => void = () => {};
  for (const connection of watching) {
    const counter = new MarkerCounter('"info":{');
    connection.onBytes = (bytes, length) => {
      missing -= counter.take(bytes, length);
      if (missing === 0) told();
    };
  }
  const cpuSeconds = server.cpuSeconds;
  for (let i = 0; i < changes; i++) {
    for (const verb of ['subscribe', 'unsubscribe']) {
      missing = watching.length;
      const all = new Promise<void>((resolve) => {
        told = resolve;
      });
      visitor.socket.write(clientFrame('text', Buffer.from(`{"id":4,"${verb}":{"channel":"room"}}`)));
      await Promise.all([visitor.readMessage(), all]);
    }
  }
  return ((server.cpuSeconds - cpuSeconds) * 1000) / (2 * changes);
}
