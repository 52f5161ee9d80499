import type { Finding } from '../finding.ts';
import { plain, type Readings, setSysctl } from './readings.ts';

// What stands between a connection that comes and the server: the queues in which it waits, the table of the firewall.

/** That many connections at once come back after a restart, before the server has taken the first. */
const WANTED_BACKLOG = 4096;

export function arriving(readings: Readings, connections: number): readonly Finding[] {
  return [acceptQueue(readings, connections), synQueue(readings, connections), conntrack(readings, connections)].filter(
    (finding) => finding !== undefined,
  );
}

function acceptQueue(readings: Readings, connections: number): Finding | undefined {
  const somaxconn = readings.sysctl('net.core.somaxconn')?.[0];
  if (somaxconn === undefined) return undefined;
  const wanted = Math.min(connections, WANTED_BACKLOG);
  const what = `${plain(somaxconn)} connections may wait to be taken (net.core.somaxconn).`;
  if (somaxconn >= wanted) return { check: 'accept-queue', grade: 'ok', what };
  return {
    check: 'accept-queue',
    grade: 'warning',
    what,
    why: 'When all clients come back at once, those beyond it are dropped and knock again after a second or more. A server asks for as many as it likes and gets this at most; Node asks for 511 unless it is told otherwise, tidewire serve for 4096.',
    mend: setSysctl('net.core.somaxconn', WANTED_BACKLOG),
  };
}

function synQueue(readings: Readings, connections: number): Finding | undefined {
  const backlog = readings.sysctl('net.ipv4.tcp_max_syn_backlog')?.[0];
  const cookies = readings.sysctl('net.ipv4.tcp_syncookies')?.[0];
  if (backlog === undefined) return undefined;
  const check = 'syn-queue';
  const what = `${plain(backlog)} connections may be half open (net.ipv4.tcp_max_syn_backlog), ${cookies === 0 ? 'without' : 'with'} SYN cookies beyond that.`;
  if (cookies !== 0 || backlog >= Math.min(connections, WANTED_BACKLOG)) return { check, grade: 'ok', what };
  return {
    check,
    grade: 'warning',
    what,
    why: 'Beyond it a connection that is being opened is dropped; whoever floods the machine with such keeps everybody out.',
    mend: [...setSysctl('net.ipv4.tcp_syncookies', 1), ...setSysctl('net.ipv4.tcp_max_syn_backlog', WANTED_BACKLOG)],
  };
}

function conntrack(readings: Readings, connections: number): Finding {
  const check = 'conntrack';
  const most = readings.sysctl('net.netfilter.nf_conntrack_max')?.[0];
  const count = readings.sysctl('net.netfilter.nf_conntrack_count')?.[0] ?? 0;
  if (most === undefined)
    return { check, grade: 'ok', what: 'No firewall of this machine keeps track of connections.' };
  const what = `The firewall keeps track of ${plain(most)} connections at most (net.netfilter.nf_conntrack_max), and of ${plain(count)} now.`;
  // A proxy on the same machine doubles them.
  const needed = connections * 2;
  if (most - count >= needed) return { check, grade: 'ok', what };
  return {
    check,
    grade: most - count >= connections ? 'warning' : 'problem',
    what,
    why: `When the table is full, packets of new connections are dropped, for everybody. ${plain(connections)} clients through a proxy on this machine are ${plain(needed)} entries.`,
    mend: setSysctl('net.netfilter.nf_conntrack_max', 2 ** Math.ceil(Math.log2(count + needed * 2))),
  };
}
