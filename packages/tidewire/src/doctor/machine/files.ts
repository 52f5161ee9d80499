import type { Finding } from '../finding.ts';
import { plain, type Readings, setSysctl } from './readings.ts';

// How many connections may be open: each is an open file.

/** Beside connections: what a program has open, and clients that come while others go. */
const SPARE = 200;

export function openFiles(readings: Readings, connections: number): readonly Finding[] {
  const needed = connections + SPARE;
  return [ofProcess(readings, needed), ofSystem(readings, needed)].filter((finding) => finding !== undefined);
}

function ofProcess(readings: Readings, needed: number): Finding | undefined {
  const line = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readings.text('proc/self/limits') ?? '');
  if (line === null) return undefined;
  const [soft, hard] = [line[1], line[2]].map((word) =>
    word === 'unlimited' ? Number.POSITIVE_INFINITY : Number(word),
  );
  if (soft === undefined || hard === undefined) return undefined;
  const check = 'open-files';
  // Node takes the hard limit when it starts.
  const limit = Math.max(soft, hard);
  if (limit >= needed) return { check, grade: 'ok', what: `A process may have ${plain(limit)} files open.` };
  return {
    check,
    grade: 'problem',
    what: `A process may have ${plain(limit)} files open, and ${plain(needed)} are needed.`,
    why: 'Each connection is an open file. Beyond the limit the server takes no new ones (EMFILE).',
    mend: [
      `$ ulimit -n ${needed}`,
      `systemd, in [Service]: LimitNOFILE=${needed}`,
      `$ docker run --ulimit nofile=${needed}:${needed}`,
    ],
  };
}

function ofSystem(readings: Readings, needed: number): Finding | undefined {
  const check = 'open-files-system';
  const perProcess = readings.sysctl('fs.nr_open')?.[0];
  if (perProcess !== undefined && perProcess < needed) {
    return {
      check,
      grade: 'problem',
      what: `The kernel lets no process have more than ${plain(perProcess)} files open (fs.nr_open), and ${plain(needed)} are needed.`,
      why: 'No limit of a process can be raised above this one.',
      mend: setSysctl('fs.nr_open', needed),
    };
  }
  const inAll = readings.sysctl('fs.file-max')?.[0];
  const [inUse = 0] = readings.sysctl('fs.file-nr') ?? [];
  if (inAll === undefined) return undefined;
  // What systemd sets, the largest number that there is: memory is the limit then.
  if (inAll > Number.MAX_SAFE_INTEGER) {
    return {
      check,
      grade: 'ok',
      what: `The machine sets no limit to open files (fs.file-max), and has ${plain(inUse)}.`,
    };
  }
  if (inAll - inUse >= needed) {
    return { check, grade: 'ok', what: `The machine may have ${plain(inAll)} files open, and has ${plain(inUse)}.` };
  }
  return {
    check,
    grade: 'problem',
    what: `The machine may have ${plain(inAll)} files open (fs.file-max), has ${plain(inUse)}, and ${plain(needed)} more are needed.`,
    why: 'Beyond the limit no process of the machine can open anything (ENFILE).',
    mend: setSysctl('fs.file-max', inUse + needed * 2),
  };
}
