import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { generate } from 'selfsigned';
import type { Job, Outcome, Sample } from './job.ts';
import { type Options, readOptions } from './options.ts';
import { findPeers, type MissingPeer, type Peer } from './peers.ts';
import { updateDocument } from './report/document.ts';
import { describeMachine, openFilesLimit } from './report/machine.ts';
import { printResult } from './report/print.ts';
import { keepResult, readResult } from './report/results.ts';
import { resultOf, type ScenarioResult } from './report/summary.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { pinned } from './server-process.ts';

// Runs each scenario against each peer in turn, round after round, and compares the medians. What counts is the number
// of messages per second of CPU time that the server's process used: that depends neither on the load nor, much, on
// what else the machine does.

/** Longer than any measurement takes. */
const DEADLINE = 180_000;

const options = readOptions();
if (process.platform !== 'linux') {
  console.error('The benchmark reads CPU time and memory from /proc, so it runs on Linux only.');
  process.exit(2);
}
const machine = describeMachine();
const { peers, missing } = findPeers();
const temporary = mkdtempSync(join(tmpdir(), 'tidewire-bench-'));
process.on('exit', () => rmSync(temporary, { recursive: true }));
process.once('SIGINT', () => process.exit(130));
const setting: Pick<Job, 'certificate' | 'cores' | 'seconds'> = {
  certificate: await makeCertificate(),
  cores: coresToPinTo(),
  seconds: options.seconds,
};

const started = performance.now();
console.log(`Node ${machine.node}, ${machine.processor}, ${machine.cores} cores, ${machine.system}`);
console.log(`${options.rounds} rounds of ${options.seconds} s, alternating; medians, with the range in brackets`);
if (setting.cores === undefined) console.log('Without taskset and two cores, server and load are not pinned.');
for (const scenario of selected(options)) await run(scenario);
if (options.keep) updateDocument();
console.log(`\nTook ${Math.round((performance.now() - started) / 1000)} s`);

function selected({ only, quick }: Options): Scenario[] {
  return scenarios.filter(({ id, goal }) => only.test(id) && (!quick || goal !== undefined));
}

async function run(scenario: Scenario): Promise<void> {
  const wanted = scenario.peers.filter((name) => options.peers === undefined || options.peers.includes(name));
  const leftOut: { label: string; reason: string }[] = missing
    .filter(({ name }) => wanted.includes(name))
    .map(({ name, missing: reason }: MissingPeer) => ({ label: name, reason }));
  if (openFilesLimit() < connectionsOf(scenario) * 1.1) {
    console.log(`\n${scenario.title}\n  is left out: "ulimit -n" allows ${openFilesLimit()} open files`);
    return;
  }
  const running = new Map<Peer, Sample[]>();
  for (const peer of peers) if (wanted.includes(peer.name)) running.set(peer, []);
  // A process's memory differs little from run to run, and takes long to measure.
  const rounds = scenario.kind === 'memory' && options.quick ? 1 : options.rounds;
  for (let round = 0; round < rounds; round++) {
    for (const [peer, samples] of running) {
      const outcome = await measure({ ...setting, peer, scenario });
      if (!('unsupported' in outcome)) samples.push(outcome);
      else {
        running.delete(peer);
        leftOut.push({ label: peer.label, reason: outcome.unsupported });
      }
    }
  }
  const measured = [...running].map(([peer, samples]) => ({ peer, samples }));
  const result: ScenarioResult = resultOf(scenario, measured, leftOut);
  printResult(result, ratioRecorded(scenario));
  if (!options.keep) return;
  const { rounds: _, ...where } = { ...machine, rounds };
  const date = new Date().toISOString().slice(0, 10);
  await keepResult({ ...result, measured: { ...where, date, rounds, seconds: options.seconds } });
}

function connectionsOf(scenario: Scenario): number {
  if ('connections' in scenario) return scenario.connections;
  if ('clients' in scenario) return scenario.clients;
  return 'members' in scenario ? scenario.members : 0;
}

async function measure(job: Job): Promise<Outcome> {
  const script = fileURLToPath(new URL('./measure.js', import.meta.url));
  const command = [...pinned(job.cores?.load), process.execPath, script, JSON.stringify(job)];
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'], timeout: DEADLINE });
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (child.exitCode === 0) return JSON.parse(output);
  console.error(`${job.scenario.title}: measuring ${job.peer.label} failed`);
  return { unsupported: 'the measurement failed' };
}

function ratioRecorded({ id, own = 'tidewire' }: Scenario): number | undefined {
  return options.quick ? readResult(id)?.peers.find(({ name }) => name === own)?.ratio : undefined;
}

function coresToPinTo(): Job['cores'] {
  const canPin = spawnSync('taskset', ['--version']).status === 0 && availableParallelism() > 1;
  return canPin ? { server: 0, load: 1 } : undefined;
}

async function makeCertificate(): Promise<Job['certificate']> {
  const files = { keyFile: join(temporary, 'key.pem'), certFile: join(temporary, 'cert.pem') };
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], { keyType: 'ec' });
  writeFileSync(files.keyFile, key, { mode: 0o600 });
  writeFileSync(files.certFile, cert);
  return files;
}
