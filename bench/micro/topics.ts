import { createServer } from 'node:http';
import { Duplex } from 'node:stream';
import { type Socket, WebSocketEndpoint } from '@tidewire/server';

// What it costs to reach one subscriber does not depend on how many others there are, on how many topics, or on how many
// of them are slow. Each line is the same work among more of everything: the last column must stay near 1. The sockets
// are streams in memory, so that the system's calls do not hide the work of the topics.

const SUBSCRIBERS = 10_000;
const TOPICS = 100_000;
/** Publications per sample, each to another topic or subscriber where there are more. */
const TIMES = 2000;
const SAMPLES = 7;
/** A cost that grows by more than this with the number of others has a scan in it. */
const MOST_GROWTH = 10;

const REQUEST =
  'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** The far end of a connection in memory. It takes all that is written, until it is told to take nothing. */
class Peer extends Duplex {
  isStalled = false;

  constructor() {
    super();
    this.push(REQUEST);
  }

  override _read(): void {}

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.isStalled) done();
  }
}

interface World {
  readonly endpoint: WebSocketEndpoint;
  readonly sockets: readonly Socket[];
  readonly peers: readonly Peer[];
}

async function connect(count: number): Promise<World> {
  const sockets: Socket[] = [];
  const endpoint = new WebSocketEndpoint({
    open: (socket) => void sockets.push(socket),
    limits: { maxBufferedAmount: 1000 },
    slowSubscriber: 'skip',
    heartbeat: false,
  });
  const server = createServer();
  endpoint.attach(server);
  const peers = Array.from({ length: count }, () => new Peer());
  for (const peer of peers) server.emit('connection', peer);
  while (sockets.length < count) await new Promise(setImmediate);
  return { endpoint, sockets, peers };
}

/** The peers at these sockets stop reading, with more waiting for each than may. */
async function stall({ sockets, peers }: World, from: number, to: number): Promise<void> {
  for (const peer of peers.slice(from, to)) peer.isStalled = true;
  for (const socket of sockets.slice(from, to)) socket.send('x'.repeat(2000));
  await new Promise(setImmediate);
}

/** The median CPU time of one turn of `work`, in microseconds. */
async function cost(times: number, work: (i: number) => unknown): Promise<number> {
  const samples: number[] = [];
  for (let sample = -2; sample < SAMPLES; sample++) {
    const before = process.cpuUsage();
    for (let i = 0; i < times; i++) work(i);
    // What was published in a turn goes out at its end.
    await new Promise(setImmediate);
    const { user, system } = process.cpuUsage(before);
    // The first ones warm up.
    if (sample >= 0) samples.push((user + system) / times);
  }
  return samples.sort((a, b) => a - b)[SAMPLES >> 1] ?? 0;
}

const rows: Record<string, { microseconds: string; 'beside the first': string }> = {};
let first = 0;
let hasScan = false;

function note(what: string, microseconds: number, isFirst = false): void {
  if (isFirst) first = microseconds;
  const growth = microseconds / first;
  if (growth > MOST_GROWTH) hasScan = true;
  rows[what] = { microseconds: microseconds.toFixed(2), 'beside the first': `${growth.toFixed(1)} ×` };
}

const nameOf = (topic: number) => `topic ${topic}`;

async function publications(): Promise<void> {
  const small = await connect(1);
  small.sockets[0]?.subscribe(nameOf(0));
  note('publish to 1 subscriber: 1 topic', await cost(TIMES, () => small.endpoint.publish(nameOf(0), 'x')), true);

  const large = await connect(SUBSCRIBERS);
  const { endpoint, sockets } = large;
  for (let topic = 0; topic < TOPICS; topic++) sockets[topic % SUBSCRIBERS]?.subscribe(nameOf(topic));
  // The topics of the first half of the subscribers.
  const publish = () => cost(TIMES, (i) => endpoint.publish(nameOf(i), 'x'));
  note(`the same among ${TOPICS} topics, ${SUBSCRIBERS} subscribers`, await publish());
  const subscribing = () =>
    cost(TIMES, (i) => {
      sockets[i]?.subscribe(nameOf(i + 1));
      sockets[i]?.unsubscribe(nameOf(i + 1));
    });
  note('subscribe and unsubscribe there', await subscribing());
  await stall(large, SUBSCRIBERS / 2, SUBSCRIBERS);
  note('publish while the other half is backed up', await publish());
  const slow = (i: number) => nameOf(SUBSCRIBERS / 2 + i);
  note('publish to one that is backed up itself', await cost(TIMES, (i) => endpoint.publish(slow(i), 'x')));
}

async function broadcasts(): Promise<void> {
  const large = await connect(SUBSCRIBERS);
  const { endpoint, sockets } = large;
  for (const socket of sockets) socket.subscribe('all');
  const each = async () => (await cost(1, () => endpoint.publish('all', 'x'))) / SUBSCRIBERS;
  note('publish to all, for each subscriber', await each(), true);
  await stall(large, 0, SUBSCRIBERS / 2);
  note('the same with half of them backed up', await each());
}

export async function topics(): Promise<void> {
  await publications();
  await broadcasts();
  console.log('\nTopics, CPU time');
  console.table(rows);
  if (!hasScan) return;
  console.error(`Something grows by more than ${MOST_GROWTH} times with the number of others.`);
  process.exitCode = 1;
}
