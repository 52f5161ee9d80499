import { setTimeout as wait } from 'node:timers/promises';
import type { HubMemoryScenario } from '../hub-scenarios.ts';
import type { Sample } from '../job.ts';
import type { PeerName } from '../peers.ts';
import type { MemoryScenario } from '../scenarios.ts';
import type { ServerProcess } from '../server-process.ts';
import { subscribing } from './dialects.ts';
import { EchoMessages } from './echo.ts';
import { RawConnection } from './raw-connection.ts';

/** Connections that come before the first look, so that what a server needs once is not counted. */
const FIRST = 500;
const AT_ONCE = 100;

type Add = (count: number) => Promise<void>;

export function measureMemory(server: ServerProcess, peer: PeerName, scenario: MemoryScenario): Promise<Sample> {
  const { connections, exchange, deflate } = scenario;
  const messages = exchange && new EchoMessages(peer, exchange, deflate);
  const add = async (count: number) => {
    const opened = await RawConnection.openMany(count, { port: server.port, peer, deflate });
    if (messages === undefined) return;
    for (const [i, connection] of opened.entries()) await messages.exchange(connection, i % messages.frames.length);
  };
  return growthOf(server, connections, add);
}

/** The same of clients of a hub that are in channels. */
export function measureHubMemory(server: ServerProcess, peer: PeerName, scenario: HubMemoryScenario): Promise<Sample> {
  const { connections, channels, pool } = scenario;
  let started = 0;
  const open = () => {
    const first = channels * started++;
    const requests = Array.from({ length: channels }, (_, i) => `{"channel":"channel-${(first + i) % pool}"}`);
    return RawConnection.open({ port: server.port, peer, dialect: subscribing(...requests) });
  };
  const add = async (count: number) => {
    for (let left = count; left > 0; left -= AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, left) }, open));
    }
  };
  return growthOf(server, connections, add);
}

/** How much the server's process grows by the connections, after collecting its garbage. */
async function growthOf(server: ServerProcess, connections: number, add: Add): Promise<Sample> {
  await add(FIRST);
  const before = await settled(server);
  await add(connections);
  const after = await settled(server);
  return { bytesPerConnection: (after - before) / connections, residentMiB: after / 1024 / 1024 };
}

export async function settled(server: ServerProcess): Promise<number> {
  // What was freed by finalizers is given back by the second collection.
  for (let i = 0; i < 2; i++) {
    await wait(300);
    await server.collectGarbage();
  }
  await wait(300);
  return server.residentBytes;
}
