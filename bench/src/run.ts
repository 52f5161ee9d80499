import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { EchoLoad, type EchoScenario } from './load.ts';

// Runs each scenario against each server in turn, round after round, and compares the medians. What counts is the number
// of messages per second of CPU time that the server's process used: that depends neither on the load nor, much, on
// what else the machine does.

const servers = ['tidewire', 'ws'] as const;
type ServerName = (typeof servers)[number];

const scenarios: EchoScenario[] = [
  { name: 'echo of 20 B, 1 in flight', connections: 100, inFlight: 1, size: 20, type: 'text' },
  { name: 'echo of 20 B, 16 in flight', connections: 100, inFlight: 16, size: 20, type: 'text' },
  { name: 'echo of 16 KiB, 1 in flight', connections: 100, inFlight: 1, size: 16_384, type: 'binary' },
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

interface Sample {
  perCpuSecond: number;
  perSecond: number;
  residentMiB: number;
}

const hasTaskset = spawnSync('taskset', ['--version']).status === 0;

/** Pins a process to one core, the server to the first and the load to the second, where that is possible. */
function pin(pid: number | undefined, core: number): void {
  if (hasTaskset && pid !== undefined) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)]);
}

async function usage(child: ChildProcess): Promise<{ cpuSeconds: number; residentBytes: number }> {
  child.send({});
  const [answer] = await once(child, 'message');
  return answer;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function measure(name: ServerName, scenario: EchoScenario): Promise<Sample> {
  const child = fork(new URL(`./servers/${name}.ts`, import.meta.url));
  const [{ port }] = await once(child, 'message');
  pin(child.pid, 0);
  const load = await EchoLoad.start(port, scenario);
  await wait(1000);
  const [before, messagesBefore, start] = [await usage(child), load.messages, performance.now()];
  await wait(seconds * 1000);
  const [after, messages] = [await usage(child), load.messages - messagesBefore];
  const elapsed = (performance.now() - start) / 1000;
  load.stop();
  child.disconnect();
  await once(child, 'exit');
  return {
    perCpuSecond: messages / (after.cpuSeconds - before.cpuSeconds),
    perSecond: messages / elapsed,
    residentMiB: after.residentBytes / 1024 / 1024,
  };
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

const thousands = (value: number) => Math.round(value).toLocaleString('en');

pin(process.pid, 1);
console.log(
  `Node ${process.version}, ${rounds} rounds of ${seconds} s, alternating; medians, with the range in brackets`,
);
for (const scenario of scenarios.filter(({ name }) => name.includes(values.only))) {
  const samples: Record<ServerName, Sample[]> = { tidewire: [], ws: [] };
  for (let round = 0; round < rounds; round++)
    for (const name of servers) samples[name].push(await measure(name, scenario));
  console.log(`\n${scenario.name}, ${scenario.connections} connections`);
  const of = (name: ServerName, field: keyof Sample) => samples[name].map((sample) => sample[field]);
  const reference = median(of('ws', 'perCpuSecond'));
  console.table(
    Object.fromEntries(
      servers.map((name) => {
        const cpu = of(name, 'perCpuSecond');
        return [
          name,
          {
            'messages per CPU-second': `${thousands(median(cpu))} (${thousands(Math.min(...cpu))} to ${thousands(Math.max(...cpu))})`,
            'beside ws': `${(median(cpu) / reference).toFixed(2)} ×`,
            'messages per second': thousands(median(of(name, 'perSecond'))),
            'resident MiB': thousands(median(of(name, 'residentMiB'))),
          },
        ];
      }),
    ),
  );
}
