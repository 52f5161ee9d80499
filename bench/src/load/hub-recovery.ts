import { setTimeout as wait } from 'node:timers/promises';
import type { HubRecoveryScenario } from '../hub-scenarios.ts';
import type { Sample } from '../job.ts';
import type { PeerName } from '../peers.ts';
import type { ServerProcess } from '../server-process.ts';
import { subscribing } from './dialects.ts';
import { Publisher } from './hub-publisher.ts';
import { RawConnection } from './raw-connection.ts';

// Clients are cut off and come back, all at once. Each must have everything once and in order; that is checked afterwards,
// so that the load does not take the time that the server needs.

const AT_ONCE = 200;
const MARKER = Buffer.from('"data":{"n":');
/** Milliseconds from one publication in all channels to the next while the clients come back. */
const PAUSE = 500;

interface Position {
  readonly epoch: string;
  readonly offset: number;
}

interface Target {
  readonly server: ServerProcess;
  readonly peer: PeerName;
}

export async function measureRecovery(
  server: ServerProcess,
  peer: PeerName,
  scenario: HubRecoveryScenario,
): Promise<Sample> {
  const { clients, channels, away, missed, meanwhile, size } = scenario;
  const target = { server, peer };
  const names = Array.from({ length: channels }, (_, i) => `channel-${i}`);
  const channelOf = (client: number) => names[client % channels] ?? '';
  const publisher = new Publisher(
    await RawConnection.open({ port: server.port, peer, dialect: subscribing() }),
    names,
    size,
  );
  await publisher.publish();
  const { positions, connections } = await firstVisit(target, clients, channelOf);
  for (const { socket } of connections) socket.destroy();
  const pauses = away / (missed + 1);
  for (let i = 0; i < missed; i++) {
    await wait(pauses);
    await publisher.publish();
  }
  await wait(pauses);

  const isRecovering = positions[0] !== undefined;
  // Who has no position gets what is published from then on, which is another amount for each.
  const wanted = isRecovering ? missed + meanwhile : 0;
  server.forgetPeak();
  const [cpuSeconds, start] = [server.cpuSeconds, performance.now()];
  const publishing = publishOn(publisher, meanwhile);
  const received = await Promise.all(positions.map((position, i) => comeBack(target, channelOf(i), position, wanted)));
  const seconds = (performance.now() - start) / 1000;
  const sample = { seconds, cpuSeconds: server.cpuSeconds - cpuSeconds, peakMiB: server.peakBytes / 1024 / 1024 };
  await publishing;
  if (isRecovering) for (const messages of received) check(messages, wanted);
  return sample;
}

async function publishOn(publisher: Publisher, rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    await wait(PAUSE);
    await publisher.publish();
  }
}

async function firstVisit(
  { server, peer }: Target,
  clients: number,
  channelOf: (client: number) => string,
): Promise<{ positions: (Position | undefined)[]; connections: RawConnection[] }> {
  const positions: (Position | undefined)[] = [];
  const connections: RawConnection[] = [];
  const open = async (index: number) => {
    const request = `{"id":2,"subscribe":{"channel":"${channelOf(index)}","recoverable":true}}`;
    const connection = await connect({ server, peer }, request);
    const { subscribe } = JSON.parse((await connection.readMessage()).payload.toString());
    positions[index] = subscribe.epoch && { epoch: subscribe.epoch, offset: subscribe.offset ?? 0 };
    connections.push(connection);
  };
  for (let first = 0; first < clients; first += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, clients - first) }, (_, i) => open(first + i)));
  }
  return { positions, connections };
}

/** Connects, and asks for the subscription as soon as it is told that it has. */
function connect({ server, peer }: Target, request: string): Promise<RawConnection> {
  const dialect = subscribing();
  const greeting = dialect.greeting.map((each) => ({ ...each, answer: request }));
  return RawConnection.open({ port: server.port, peer, dialect: { ...dialect, greeting } });
}

/** @returns the messages that came until all that was wanted had come */
async function comeBack(
  target: Target,
  channel: string,
  position: Position | undefined,
  wanted: number,
): Promise<Buffer[]> {
  const since = position === undefined ? '' : `,"recover":true,"epoch":"${position.epoch}","offset":${position.offset}`;
  const request = `{"id":2,"subscribe":{"channel":"${channel}","recoverable":true${since}}}`;
  const connection = await connect(target, request);
  const messages: Buffer[] = [];
  let count = 0;
  do {
    const { payload } = await connection.readMessage();
    messages.push(payload);
    for (let at = payload.indexOf(MARKER); at >= 0; at = payload.indexOf(MARKER, at + 1)) count++;
  } while (count < wanted);
  return messages;
}

interface SaidPublication {
  readonly data: { readonly n: number };
  readonly offset: number;
}

/** Everything is there, once and in order, by its number and by its offset. The first one was seen before. */
function check(messages: readonly Buffer[], wanted: number): void {
  const lines = messages.flatMap((message) => message.toString().split('\n')).map((line) => JSON.parse(line));
  if (lines[0]?.subscribe?.recovered !== true) throw new Error(`Not recovered: ${JSON.stringify(lines[0])}`);
  const publications: SaidPublication[] = lines.flatMap(({ subscribe, push }) =>
    subscribe ? (subscribe.publications ?? []) : push?.pub ? [push.pub] : [],
  );
  const isRight = publications.every(({ data, offset }, i) => {
    const before = publications[i - 1];
    return data.n === i + 2 && (before === undefined || offset > before.offset);
  });
  if (publications.length !== wanted || !isRight)
    throw new Error(`Not everything once and in order: ${JSON.stringify(publications)}`);
}
