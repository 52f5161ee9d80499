import { setTimeout as wait } from 'node:timers/promises';
import { type Job, type Outcome, type Sample, UnsupportedError } from './job.ts';
import { startCarrier } from './load/carriers.ts';
import { startEcho } from './load/echo.ts';
import { startFanOut } from './load/fan-out.ts';
import { startHandshakes } from './load/handshakes.ts';
import { startPublishing } from './load/hub-engines.ts';
import { startHubFanOut } from './load/hub-fan-out.ts';
import { measurePresence } from './load/hub-presence.ts';
import { measureRecovery } from './load/hub-recovery.ts';
import { startLatency } from './load/latency.ts';
import type { Load } from './load/load.ts';
import { measureHubMemory, measureMemory } from './load/memory.ts';
import type { Scenario } from './scenarios.ts';
import { ServerProcess } from './server-process.ts';

// The process that makes one measurement: it starts a server, puts a load on it, and prints the outcome as JSON. Being
// new for each one, it is as warm and as big for all peers.

const job: Job = JSON.parse(process.argv[2] ?? '{}');
// What it has started goes with it, also when it takes too long.
process.once('SIGTERM', () => process.exit(143));
const server = await ServerProcess.start(job);
try {
  console.log(JSON.stringify(await outcome()));
} finally {
  await server.stop();
}
process.exit(0);

async function outcome(): Promise<Outcome> {
  const { scenario } = job;
  try {
    return await sampleOf(scenario);
  } catch (error) {
    if (error instanceof UnsupportedError) return { unsupported: error.message };
    throw error;
  }
}

async function sampleOf(scenario: Scenario): Promise<Sample> {
  const { name } = job.peer;
  switch (scenario.kind) {
    case 'memory':
      return measureMemory(server, name, scenario);
    case 'hub-memory':
      return measureHubMemory(server, name, scenario);
    case 'hub-recovery':
      return measureRecovery(server, name, scenario);
    case 'hub-presence':
      return measurePresence(server, name, scenario);
    case 'hub-engines':
      return costOf(await measureLoad(await startPublishing(server.port, name, scenario)));
    default:
      return measureLoad(await startLoad(scenario));
  }
}

function costOf({ perCpuSecond, ...rest }: Sample): Sample {
  return perCpuSecond === undefined ? rest : { ...rest, cpuMsPerThousand: 1e6 / perCpuSecond };
}

type Whole = 'memory' | 'hub-memory' | 'hub-recovery' | 'hub-presence' | 'hub-engines';

/** Those that go on until they are measured. */
function startLoad(scenario: Exclude<Scenario, { kind: Whole }>): Promise<Load> {
  const { name } = job.peer;
  switch (scenario.kind) {
    case 'echo':
      return startEcho(server.port, name, scenario);
    case 'carriers':
      return startCarrier(server.port, name, scenario);
    case 'latency':
      return startLatency(server.port, name, scenario);
    case 'fan-out':
      return startFanOut(server.port, name, scenario);
    case 'hub-fan-out':
      return startHubFanOut(server.port, name, scenario);
    case 'handshakes':
      return startHandshakes(server.port, name, scenario);
  }
}

async function measureLoad(load: Load): Promise<Sample> {
  await wait(Math.max(500, job.seconds * 500));
  load.histogram?.reset();
  const [count, cpuSeconds, start] = [load.count, server.cpuSeconds, performance.now()];
  await wait(job.seconds * 1000);
  const done = load.count - count;
  const used = server.cpuSeconds - cpuSeconds;
  const elapsed = (performance.now() - start) / 1000;
  if (load.failure !== undefined) throw load.failure;
  if (done === 0) throw new Error(`Nothing came back from ${job.peer.label}`);
  return {
    perCpuSecond: done / used,
    perSecond: done / elapsed,
    residentMiB: server.residentBytes / 1024 / 1024,
    ...load.histogram?.percentiles(),
  };
}
