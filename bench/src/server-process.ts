import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Backend } from './backends.ts';
import type { Job, ServerJob } from './job.ts';
import type { Scenario } from './scenarios.ts';

/** Clock ticks per second in /proc: fixed for programs since Linux 2.6, whatever the kernel uses itself. */
const TICKS_PER_SECOND = 100;
const PAGE_SIZE = 4096;

/** The server's process, seen from outside: the same way for every runtime, all of its threads included. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  readonly #backend: Backend | undefined;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, port: number, backend: Backend | undefined) {
    this.#backend = backend;
    this.#child = child;
    this.#lines = lines;
    this.port = port;
  }

  static async start({ peer, scenario, certificate, cores }: Job): Promise<ServerProcess> {
    const backend = peer.backend && (await Backend.start(peer.backend, cores?.load));
    const job: ServerJob = {
      mode: modeOf(scenario),
      deflate: scenario.deflate ?? false,
      presence: scenario.kind === 'hub-presence',
      ...(peer.backend && backend && { backend: { name: peer.backend, addresses: backend.addresses } }),
      ...(scenario.kind === 'echo' && scenario.tls && { tls: certificate }),
    };
    const command = [...pinned(cores?.server), peer.executable, ...peer.args, JSON.stringify(job)];
    const child = spawn(command[0] ?? '', command.slice(1), {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_ENV: 'production', ...peer.environment },
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { value } = await lines.next();
    if (value === undefined) throw new Error(`The server of ${peer.label} did not start`);
    return new ServerProcess(child, lines, Number(value), backend);
  }

  /** CPU time used so far, in seconds. */
  get cpuSeconds(): number {
    // The name of the program, in brackets, may hold spaces; user and system time are fields 14 and 15 of proc(5).
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  get residentBytes(): number {
    const [, resident] = readFileSync(`/proc/${this.#child.pid}/statm`, 'latin1').split(' ');
    return Number(resident) * PAGE_SIZE;
  }

  /** The most that it has held, in bytes, since it began or `forgetPeak` was called. */
  get peakBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'latin1');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }

  /** proc(5): 5 resets the peak. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.#child.pid}/clear_refs`, '5');
  }

  async collectGarbage(): Promise<void> {
    this.#child.stdin?.write('gc\n');
    await this.#lines.next();
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    await this.#backend?.stop();
  }
}

function modeOf({ kind }: Scenario): ServerJob['mode'] {
  if (kind.startsWith('hub-')) return 'channel';
  return kind === 'fan-out' ? 'fan-out' : 'echo';
}

/** The beginning of a command that keeps it on one core. */
export function pinned(core: number | undefined): string[] {
  return core === undefined ? [] : ['taskset', '-c', String(core)];
}
