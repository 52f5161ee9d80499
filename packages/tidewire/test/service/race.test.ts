import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Peer } from '../support.ts';
import { numbersIn, RawClient, TestRun, upgradeHeaders, upTo } from './race-support.ts';

let service: Service;

beforeAll(async () => {
  service = await startService({ port: 0 });
});
afterAll(() => service.stop());

const address = (path: string) => `http://127.0.0.1:${service.port}${path}`;
const COUNT = 20;

/** The numbers of the messages that a lane brings, until there are enough. */
const lanes: Record<string, (run: TestRun) => Promise<number[]>> = {
  polling: (run) => pollUntilEnough(run, 'polling'),
  'long-polling': (run) => pollUntilEnough(run, 'long-polling'),
  stream: async (run) => numbersIn(await readUntilEnough(run.path('stream'), /^/gm)),
  events: async (run) => {
    const text = await readUntilEnough(run.path('events'), /^id: /gm);
    const ids = [...text.matchAll(/^id: (\d+)\ndata: .*\n\n/gm)].map(([, id]) => Number(id));
    expect(numbersIn(text.replaceAll('data: ', ''))).toEqual(ids);
    return ids;
  },
  socket: async (run) => {
    const peer = await Peer.open(`ws://127.0.0.1:${service.port}${run.path('socket')}`);
    const numbers: number[] = [];
    while (numbers.length < COUNT) numbers.push(...numbersIn(String(await peer.next())));
    return numbers;
  },
};

async function pollUntilEnough(run: TestRun, lane: string): Promise<number[]> {
  const numbers: number[] = [];
  while (numbers.length < COUNT) {
    const response = await fetch(address(run.path(lane, numbers.at(-1) ?? 0)));
    expect(response.status).toBe(200);
    numbers.push(...numbersIn(await response.text()));
    if (lane === 'polling') await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return numbers;
}

async function readUntilEnough(path: string, message: RegExp): Promise<string> {
  const response = await fetch(address(path));
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if ([...text.matchAll(message)].length > COUNT) break;
  }
  return text;
}

describe('the lanes', () => {
  test.each(Object.keys(lanes))('%s brings every message once, in order', async (name) => {
    const run = await TestRun.open(service.port);
    run.begin(50, 10);
    const numbers = await lanes[name]?.(run);
    expect(numbers?.length).toBeGreaterThanOrEqual(COUNT);
    expect(numbers).toEqual(upTo(numbers?.length ?? 0));
  });

  test('bring the same stream side by side', async () => {
    const run = await TestRun.open(service.port);
    const all = Object.values(lanes).map((read) => read(run));
    run.begin(40);
    for (const numbers of await Promise.all(all)) expect(numbers).toEqual(upTo(numbers.length));
  });

  test.each(['stream', 'polling', 'long-polling'])('%s goes on behind what the page has', async (lane) => {
    const run = await TestRun.open(service.port);
    run.begin(50);
    await lanes['long-polling']?.(run);
    const client = await RawClient.open(service.port);
    client.get(run.path(lane, COUNT - 5));
    await client.shows(/"n"/);
    expect(/"n":(\d+)/.exec(client.received)?.[1]).toBe(String(COUNT - 4));
  });

  test('events go on behind the last that the browser has', async () => {
    const run = await TestRun.open(service.port);
    run.begin(50);
    await lanes['long-polling']?.(run);
    const client = await RawClient.open(service.port);
    client.get(run.path('events'), [`Last-Event-ID: ${COUNT - 5}`]);
    await client.shows(/id: \d+\n/);
    expect(/id: (\d+)/.exec(client.received)?.[1]).toBe(String(COUNT - 4));
  });
});

describe('the bytes of a lane', () => {
  test('are those of its requests alone, on a connection that others use too', async () => {
    const run = await TestRun.open(service.port);
    run.begin(1);
    const client = await RawClient.open(service.port);
    const mine = { sent: 0, received: 0 };
    for (let round = 1; round <= 3; round += 1) {
      client.get('/health');
      await client.answer();
      client.count();
      client.get(run.path('polling'), ['X-Padding: '.padEnd(round * 100, 'x')]);
      await client.answer();
      const { sent, received } = client.count();
      mine.sent += sent;
      mine.received += received;
      const tally = await run.tally('polling', ({ requests, sent }) => requests === round && sent >= mine.received);
      expect(tally).toMatchObject({ requests: round, received: mine.sent, sent: mine.received, http: '1.1' });
    }
  });

  test('of a stream are counted while it runs', async () => {
    const run = await TestRun.open(service.port);
    const client = await RawClient.open(service.port);
    client.get(run.path('events'));
    run.begin(50);
    await client.shows(/id: 10\n/);
    run.send({ type: 'settings', rate: 0.2, delay: 0 });
    const { events: tally } = await run.settled();
    const { sent, received } = client.count();
    expect(tally).toMatchObject({ requests: 1, received: sent, sent: received });
  });

  test('of a WebSocket are the handshake and the frames', async () => {
    const run = await TestRun.open(service.port);
    const client = await RawClient.open(service.port);
    client.get(run.path('socket'), upgradeHeaders);
    run.begin(50);
    await client.shows(/"n":10,/);
    run.send({ type: 'settings', rate: 0.2, delay: 0 });
    const { websocket: tally } = await run.settled();
    const { sent, received } = client.count();
    expect(tally).toMatchObject({ requests: 1, received: sent, sent: received });
    expect(tally?.messages).toBeGreaterThanOrEqual(10);
  });

  test('are fewer by WebSocket than by polling, and each lane costs CPU time', async () => {
    const run = await TestRun.open(service.port);
    const reading = [lanes.socket?.(run), lanes['long-polling']?.(run)];
    run.begin(20);
    await Promise.all(reading);
    const socket = await run.tally('websocket');
    const polling = await run.tally('long-polling');
    const perMessage = ({ sent, received, messages }: typeof socket) => (sent + received) / messages;
    expect(perMessage(polling)).toBeGreaterThan(2 * perMessage(socket));
    expect(socket.cpu).toBeGreaterThan(0);
    expect(polling.cpu).toBeGreaterThan(0);
  });
});

describe('the added delay', () => {
  test('is paid for a whole round trip by a request, and for half of it by a message', async () => {
    const run = await TestRun.open(service.port);
    run.send({ type: 'settings', rate: 50, delay: 200 });
    const peer = await Peer.open(`ws://127.0.0.1:${service.port}${run.path('socket')}`);
    const began = performance.now();
    run.send({ type: 'start' });
    await peer.next();
    // A timer may be early by what is left of its millisecond.
    expect(performance.now() - began).toBeGreaterThan(98);
    const asked = performance.now();
    const response = await fetch(address(run.path('polling')));
    expect(performance.now() - asked).toBeGreaterThan(198);
    // The answer has what there was when the request came in, half way.
    const numbers = numbersIn(await response.text());
    expect(numbers.length).toBeGreaterThanOrEqual(8);
  });

  test('keeps the order when it becomes shorter', async () => {
    const run = await TestRun.open(service.port);
    const reading = lanes.stream?.(run);
    run.begin(50, 500);
    await run.tally('stream', ({ requests }) => requests === 1);
    for (const delay of [400, 10, 300, 0]) {
      run.send({ type: 'settings', rate: 50, delay });
      await run.tally('stream');
    }
    const numbers = (await reading) ?? [];
    expect(numbers).toEqual(upTo(numbers.length));
  });
});
