import { expect, test } from 'vitest';
import { nothing, run, runPhase, sequenceOf, wrongs } from './support/running.ts';
import { broadcastServer, echoServer, wsServer } from './support/servers.ts';

// What a server does wrong on purpose is found out, to the last message.

const SENT = 200;
const echo = { do: 'echo', connections: 10, rate: 20 };

test('an honest echo has nothing wrong, and every message is counted once', async () => {
  const { url } = await echoServer();
  const phase = await runPhase({ url }, echo);
  expect(wrongs(phase)).toEqual(nothing);
  const { counters, latency } = phase;
  expect([counters.scheduled, counters.sent, counters.expected, counters.received]).toEqual([SENT, SENT, SENT, SENT]);
  expect([latency?.count, phase.serviceTime?.count, phase.lateness?.count]).toEqual([SENT, SENT, SENT]);
  expect([counters.opened, counters.open, counters.failed, phase.handshake?.count]).toEqual([10, 10, 0, 10]);
  expect(phase.moments.reduce((sum, { received }) => sum + received, 0)).toBe(SENT);
});

test('binary messages are echoed as such', async () => {
  const { url } = await wsServer((peer) => {
    peer.on('message', (data, isBinary) => {
      if (isBinary) peer.send(data);
    });
  });
  expect(wrongs(await runPhase({ url }, { ...echo, as: 'binary' }))).toEqual(nothing);
});

test('an echo that loses, doubles, reorders and makes up messages is caught with exact counts', async () => {
  const held = new Map<unknown, string>();
  const { url } = await echoServer((text, peer) => {
    switch (sequenceOf(text)) {
      case 3:
        return [];
      case 5:
        return [text, text];
      case 8:
        held.set(peer, text);
        return [];
      case 9:
        return [text, held.get(peer) ?? ''];
      case 12:
        return [text, 'out of nowhere', text.replace(/\.12\./, '.9999.')];
      default:
        return [text];
    }
  });
  const phase = await runPhase({ url }, { ...echo, grace: '300ms' });
  expect(wrongs(phase)).toEqual({ ...nothing, lost: 10, duplicates: 10, outOfOrder: 10, unexpected: 20 });
  // One is missing and one is there twice.
  expect(phase.counters.received).toBe(SENT);
  const examples = phase.examples.join('\n');
  expect(examples).toMatch(/connection \d+ never got back its message 3$/m);
  expect(examples).toMatch(/connection \d+ got its message 5 again/);
  expect(examples).toMatch(/connection \d+ got its message 8 after a later one/);
  expect(examples).toMatch(/connection \d+ got "out of nowhere"/);
});

test('fan-out that loses, doubles and reorders for some subscribers is caught with exact counts', async () => {
  const held = new Map<number, string>();
  const { url } = await broadcastServer((text, receiver) => {
    const sequence = sequenceOf(text);
    const isOfFirst = text.startsWith('~1.');
    if (receiver === 3 && sequence === 4) return [];
    if (receiver === 4 && isOfFirst && sequence === 6) return [text, text, text];
    if (receiver === 5 && isOfFirst && sequence === 7) {
      held.set(receiver, text);
      return [];
    }
    return receiver === 5 && isOfFirst && sequence === 8 ? [text, held.get(receiver) ?? ''] : [text];
  });
  const phase = await runPhase(
    { url },
    { do: 'pubsub', connections: 12, publishers: 2, rate: 20, grace: '300ms', subscribe: 'subscribe' },
  );
  expect(wrongs(phase)).toEqual({ ...nothing, lost: 2, duplicates: 2, outOfOrder: 1 });
  const { counters } = phase;
  expect([counters.sent, counters.expected, counters.received]).toEqual([40, 400, 400]);
  expect(phase.latency?.count).toBe(398);
  expect(phase.examples.join('\n')).toMatch(/connection \d+ never got message 4 of [12]$/m);
});

test('channels have their own publishers and subscribers', async () => {
  const { url } = await wsServer((peer) => {
    // What a subscriber sends is the name of a channel; what a publisher sends begins with it.
    peer.on('message', (data) => {
      const [channel = '', body] = String(data).split(' ');
      if (body === undefined) channels.set(channel, [...(channels.get(channel) ?? []), peer]);
      else for (const other of channels.get(channel) ?? []) other.send(String(data));
    });
  });
  const channels = new Map<string, { send(text: string): void }[]>();
  const phase = await runPhase(
    { url },
    {
      ...{ do: 'pubsub', connections: 16, publishers: 4, channels: 3, subscriptions: 2, rate: 10 },
      ...{ channel: 'c{{channel}}', subscribe: 'c{{channel}}', message: '{{channel}} {{stamp}}' },
    },
  );
  expect(wrongs(phase)).toEqual(nothing);
  // Publishers 1 and 4 send to the first channel, 2 to the second, 3 to the third; each channel has 8 of the 12 subscribers.
  expect([phase.counters.sent, phase.counters.expected]).toEqual([40, 8 * 40]);
});

test('answers are found by their ids, in whatever order they come', async () => {
  const { url } = await wsServer((peer) => {
    const waiting: string[] = [];
    peer.on('message', (data) => {
      const { id } = JSON.parse(String(data));
      if (id === 4) return;
      waiting.push(JSON.stringify({ re: { id: String(id) } }));
      if (id === 5) waiting.push(JSON.stringify({ re: { id } }), JSON.stringify({ re: {} }));
      // Two at a time, the later one first.
      if (id % 2 === 0 || id === 5) for (const answer of waiting.splice(0).reverse()) peer.send(answer);
    });
  });
  const phase = await runPhase({ url }, { do: 'request', connections: 5, rate: 20, answer: 're.id', grace: '300ms' });
  // Of each connection: 4 is not answered, 5 is twice, and once without an id.
  expect(wrongs(phase)).toEqual({ ...nothing, lost: 5, duplicates: 5, unexpected: 5 });
});

test('what is lost with a connection is told from what is lost, and the schedule goes on', async () => {
  const { url } = await echoServer((text, peer) => {
    if (text.startsWith('~1.') && sequenceOf(text) === 6) {
      peer.close(4321, 'enough');
      return [];
    }
    return [text];
  });
  const phase = await runPhase({ url }, { ...echo, duration: '2s' });
  const { counters } = phase;
  expect(counters.scheduled).toBe(400);
  expect([counters.dropped, counters.open]).toEqual([1, 9]);
  expect(phase.closes).toEqual({ 4321: 1 });
  expect([counters.lost, counters.duplicates, counters.outOfOrder]).toEqual([0, 0, 0]);
  expect(counters.lostWithConnection).toBeGreaterThanOrEqual(1);
  expect(counters.sent + counters.unsent).toBe(400);
  expect(counters.received + counters.lostWithConnection).toBe(counters.expected);
});

test('a server that stalls for a second cannot hide it: the load goes on, and latency counts from the schedule', async () => {
  let stalled: (() => void)[] | undefined;
  let hasStalled = false;
  const { url } = await wsServer((peer) => {
    peer.on('message', (data) => {
      const text = String(data);
      if (sequenceOf(text) === 20 && !hasStalled) {
        hasStalled = true;
        stalled = [];
        setTimeout(() => {
          for (const send of stalled ?? []) send();
          stalled = undefined;
        }, 1000);
      }
      if (stalled === undefined) peer.send(text);
      else stalled.push(() => peer.send(text));
    });
  });
  const phase = await runPhase({ url }, { do: 'echo', connections: 10, rate: 20, duration: '3s' });
  expect(wrongs(phase)).toEqual(nothing);
  // Of 3 seconds one was stalled, so that one message in three waited, evenly up to a second. A client that waits for each
  // answer would have seen 10 slow messages in 400, and a p90 as if nothing had been.
  expect(phase.counters.sent).toBe(600);
  expect(phase.latency?.p90).toBeGreaterThanOrEqual(600);
  expect(phase.latency?.max).toBeGreaterThanOrEqual(900);
});

test('phases go one after the other with the same connections', async () => {
  const { url } = await echoServer();
  const outcome = await run(
    { url },
    { do: 'idle', connections: 5, duration: '100ms' },
    { do: 'echo', connections: 8, rate: 20, duration: '500ms' },
    { name: 'fewer', do: 'echo', connections: 3, rate: 20, duration: '500ms' },
  );
  const counted = outcome.phases.map(({ name, counters }) => [name, counters.opened, counters.open, counters.received]);
  expect(counted).toEqual([
    ['idle', 5, 5, 0],
    ['echo', 3, 8, 80],
    ['fewer', 0, 3, 30],
  ]);
  expect([outcome.seed, outcome.workers, outcome.wasInterrupted]).toEqual([1, 1, false]);
});
