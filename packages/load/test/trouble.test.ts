import { createServer } from 'node:http';
import { LoadRun, parseScenario, UnreachableError } from '@tidewire/load';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { nothing, run, runPhase, wrongs } from './support/running.ts';
import { echoServer, listen } from './support/servers.ts';

describe('connections that drop and come back', () => {
  test('are all back, each wave with the time that it took', async () => {
    const { url } = await echoServer();
    const phase = await runPhase(
      { url },
      { do: 'storm', connections: 20, share: '50%', waves: 2, within: '100ms', duration: '1s' },
    );
    expect(phase.storm?.waves.map(({ dropped, returned }) => [dropped, returned])).toEqual([
      [10, 10],
      [10, 10],
    ]);
    for (const { allBack } of phase.storm?.waves ?? []) expect(allBack).toBeGreaterThan(0);
    // Those that dropped were told to.
    expect([phase.counters.attempted, phase.counters.opened, phase.counters.dropped]).toEqual([40, 40, 0]);
    expect(phase.handshake?.count).toBe(40);
  });

  test('come again when they are refused', async () => {
    const server = createServer();
    const wss = new WebSocketServer({ noServer: true });
    let count = 0;
    server.on('upgrade', (request, socket, head) => {
      count += 1;
      // The probe and the first ten are taken, then five are not.
      if (count > 11 && count <= 16) socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
      else wss.handleUpgrade(request, socket, head, () => {});
    });
    const port = await listen(server);
    const phase = await runPhase(
      { url: `ws://127.0.0.1:${port}/` },
      { do: 'storm', connections: 10, duration: '200ms' },
    );
    expect(phase.storm?.waves).toEqual([{ dropped: 10, returned: 10, allBack: expect.any(Number) }]);
    expect(phase.storm?.waves[0]?.allBack).toBeGreaterThan(500);
    expect([phase.counters.failed, phase.counters.opened]).toEqual([5, 20]);
    expect(Object.entries(phase.errors)).toEqual([[expect.stringContaining('503'), 5]]);
  });
});

describe('slow consumers', () => {
  test('that stop reading are told from the others, whose latency is their own', async () => {
    const { url } = await echoServer();
    const phase = await runPhase(
      { url },
      { do: 'echo', connections: 10, rate: 20, duration: '1s', slow: { share: '20%' }, grace: '5s' },
    );
    expect(phase.slow).toMatchObject({ connections: 2, received: 40, lost: 0, closes: {} });
    // What they read they read at the end, when all is said.
    expect(phase.latency?.count).toBe(160);
    expect(phase.slow?.latency?.count).toBe(40);
    expect(phase.slow?.latency?.max).toBeGreaterThanOrEqual(900);
    expect(wrongs(phase)).toEqual(nothing);
  });

  test('that are sent away are counted apart, with what they missed', async () => {
    // Every fifth is slow. It gets nothing but a Close frame.
    const { url } = await echoServer((text, peer) => {
      if (!/^~(?:5|10)\./.test(text)) return [text];
      peer.close(4008, 'too slow');
      return [];
    });
    const phase = await runPhase({ url }, { do: 'echo', connections: 10, rate: 20, slow: { share: '20%', rate: 5 } });
    expect(phase.slow).toMatchObject({ connections: 2, received: 0, closes: { 4008: 2 } });
    expect(phase.slow?.lost).toBeGreaterThanOrEqual(2);
    expect([phase.closes, phase.counters.dropped]).toEqual([{}, 0]);
    const { unsent: _, ...others } = wrongs(phase);
    expect(others).toEqual({ lost: 0, lostWithConnection: 0, duplicates: 0, outOfOrder: 0, unexpected: 0 });
  });
});

describe('a server that is not there', () => {
  test('is said before anything is done', async () => {
    const error = await run({ url: 'ws://127.0.0.1:1/' }, { do: 'idle' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ url: 'ws://127.0.0.1:1/', failure: { code: 'CONNECT' } });
  });

  test('for some is counted, by why', async () => {
    const server = createServer();
    const wss = new WebSocketServer({ noServer: true });
    let count = 0;
    server.on('upgrade', (request, socket, head) => {
      count += 1;
      if (count % 3 === 0) socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
      else wss.handleUpgrade(request, socket, head, () => {});
    });
    const port = await listen(server);
    const phase = await runPhase(
      { url: `ws://127.0.0.1:${port}/` },
      { do: 'idle', connections: 11, duration: '100ms' },
    );
    const { attempted, opened, failed, open } = phase.counters;
    expect([attempted, opened, failed, open]).toEqual([11, 7, 4, 7]);
    expect(Object.values(phase.errors)).toEqual([4]);
  });
});

test('a run that is stopped early still says what there was', async () => {
  const { url } = await echoServer();
  const phases = [{ do: 'echo', rate: 50, connections: 2, duration: '1h' }, { do: 'idle' }] as const;
  const load = new LoadRun(parseScenario({ target: { url }, seed: 1, workers: 1, phases }));
  const ended = load.run();
  await untilTrue(() => load.progress().counters.received > 0);
  load.stop();
  const outcome = await ended;
  expect(outcome.wasInterrupted).toBe(true);
  expect(outcome.phases.length).toBe(1);
  const { sent, received, lost } = outcome.phases[0]?.counters ?? {};
  expect(sent).toBeGreaterThan(0);
  expect([received, lost]).toEqual([sent, 0]);
});

test('workers share the connections, and what they measured is put together', async () => {
  const { url } = await echoServer();
  const phases = [
    { do: 'echo', rate: 20, connections: 9, duration: '1s' },
    { do: 'storm', connections: 9, duration: '200ms' },
  ] as const;
  const outcome = await new LoadRun(parseScenario({ target: { url }, seed: 1, workers: 3, phases })).run();
  const [echo, storm] = outcome.phases;
  expect(outcome.workers).toBe(3);
  expect([echo?.counters.received, echo?.latency?.count, echo?.counters.opened]).toEqual([180, 180, 9]);
  expect(storm?.storm?.waves).toMatchObject([{ dropped: 9, returned: 9 }]);
});

async function untilTrue(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}
