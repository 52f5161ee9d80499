import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Scenario } from '../scenario/schema.ts';

// What the machine that makes the load gives: files, ports, cores.

/** Files that a process has beside its connections. */
const SPARE_FILES = 100;

/** @returns what would keep the connections of the scenario from being opened, in words; nothing if all can be */
export function lacksOf({ phases, target }: Scenario): readonly string[] {
  const most = Math.max(...phases.map(({ connections }) => connections));
  const lacks: string[] = [];
  const files = openFiles();
  if (files !== undefined && most + SPARE_FILES > files) {
    lacks.push(
      `${most} connections need ${most + SPARE_FILES} open files, and this process may have ${files}: ` +
        `ulimit -n ${most + SPARE_FILES}`,
    );
  }
  const ports = localPorts();
  const servers = new Set(target.url.map((url) => new URL(url).host)).size;
  if (ports !== undefined && Math.ceil(most / servers) > ports) {
    lacks.push(
      `${most} connections need as many local ports for each server, and there are ${ports}: name more addresses of the server ` +
        "as a list of URLs, or widen net.ipv4.ip_local_port_range (sysctl -w net.ipv4.ip_local_port_range='1024 65535')",
    );
  }
  return lacks;
}

/** `undefined` if it is not known. */
function openFiles(): number | undefined {
  try {
    // Node has raised the soft limit to the hard one when it began.
    const [, soft = ''] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === 'unlimited' || soft === '' ? undefined : Number(soft);
  } catch {
    return hardLimit();
  }
}

function hardLimit(): number | undefined {
  try {
    const said = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return /^\d+\s*$/.test(said) ? Number(said) : undefined;
  } catch {
    return undefined;
  }
}

function localPorts(): number | undefined {
  try {
    const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .trim()
      .split(/\s+/)
      .map(Number);
    return first === undefined || last === undefined ? undefined : last - first + 1;
  } catch {
    return undefined;
  }
}

/** How busy the cores of the machine are, from one look to the next. */
export class MachineWatch {
  #last = cpuTimes();

  /** From 0 to 1: the part of all cores that was in use since this was last asked for. */
  take(): number {
    const now = cpuTimes();
    const all = now.all - this.#last.all;
    const idle = now.idle - this.#last.idle;
    this.#last = now;
    return all <= 0 ? 0 : 1 - idle / all;
  }
}

function cpuTimes(): { readonly all: number; readonly idle: number } {
  let all = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    all += times.user + times.nice + times.sys + times.irq + times.idle;
    idle += times.idle;
  }
  return { all, idle };
}
