import { availableParallelism, totalmem } from 'node:os';
import type { Finding } from '../finding.ts';
import { bytes, plain, type Readings, setSysctl } from './readings.ts';

// What connections take while they are there: ports, memory, and nothing when their clients have long gone.

/** Bytes of an idle connection: in the server, measured for a client of the hub in one channel, and in the kernel. */
const IN_SERVER = 6 * 1024;
const IN_KERNEL = 4 * 1024;

/** Bytes of a page of memory, in which net.ipv4.tcp_mem counts. */
const PAGE = 4096;

export function living(readings: Readings, connections: number): readonly Finding[] {
  return [
    ports(readings, connections),
    tcpMemory(readings, connections),
    buffers(readings),
    memory(readings, connections),
    keepalive(readings),
    cores(),
  ].filter((finding) => finding !== undefined);
}

function ports(readings: Readings, connections: number): Finding | undefined {
  const [from, to] = readings.sysctl('net.ipv4.ip_local_port_range') ?? [];
  if (from === undefined || to === undefined) return undefined;
  const count = to - from + 1;
  const what = `From one address of this machine ${plain(count)} connections can go to the same server (net.ipv4.ip_local_port_range).`;
  if (count >= connections) return { check: 'ports', grade: 'ok', what };
  return {
    check: 'ports',
    grade: 'warning',
    what,
    why: 'A server needs no ports for its clients. A proxy on this machine does, for each connection to the server behind it, and so does a load test from here.',
    mend: [
      ...setSysctl('net.ipv4.ip_local_port_range', '1024 65535'),
      'or give the proxy several addresses to reach the server at: 127.0.0.1, 127.0.0.2 …',
    ],
  };
}

function tcpMemory(readings: Readings, connections: number): Finding | undefined {
  const [, pressure, most] = readings.sysctl('net.ipv4.tcp_mem') ?? [];
  if (pressure === undefined || most === undefined) return undefined;
  const what = `TCP may take ${bytes(most * PAGE)} of memory for what waits in connections, and saves from ${bytes(pressure * PAGE)} on (net.ipv4.tcp_mem).`;
  // A burst to everybody waits there: a few pages for each.
  const needed = connections * 4;
  if (pressure >= needed) return { check: 'tcp-memory', grade: 'ok', what };
  return {
    check: 'tcp-memory',
    grade: 'warning',
    what,
    why: `What is sent to ${plain(connections)} clients at once waits there for their networks. Beyond the limit the kernel drops packets.`,
    mend: setSysctl('net.ipv4.tcp_mem', `${needed} ${needed * 2} ${needed * 3}`),
  };
}

function buffers(readings: Readings): Finding | undefined {
  const [, , read] = readings.sysctl('net.ipv4.tcp_rmem') ?? [];
  const [, , write] = readings.sysctl('net.ipv4.tcp_wmem') ?? [];
  if (read === undefined || write === undefined) return undefined;
  return {
    check: 'tcp-buffers',
    grade: 'note',
    what: `A connection may have ${bytes(write)} waiting to be sent in the kernel, and ${bytes(read)} to be read (net.ipv4.tcp_wmem, tcp_rmem).`,
    why: 'A client that does not read is noticed only when that much waits, beside what the server itself allows. It takes memory only while it is in use.',
  };
}

function memory(readings: Readings, connections: number): Finding {
  const group =
    readings.number('sys/fs/cgroup/memory.max') ?? readings.number('sys/fs/cgroup/memory/memory.limit_in_bytes');
  const limit = Math.min(totalmem(), group ?? Number.POSITIVE_INFINITY);
  const needed = connections * (IN_SERVER + IN_KERNEL);
  const what = `${bytes(limit)} of memory; ${plain(connections)} idle connections take about ${bytes(needed)}.`;
  if (needed < limit / 2) return { check: 'memory', grade: 'ok', what };
  return {
    check: 'memory',
    grade: needed < limit ? 'warning' : 'problem',
    what,
    why: 'History, presence and what waits for slow clients come on top. A process that has too much is ended by the kernel.',
    mend: ['more memory, or fewer connections on each of more nodes (docs/scaling.md)'],
  };
}

function keepalive(readings: Readings): Finding | undefined {
  const [time] = readings.sysctl('net.ipv4.tcp_keepalive_time') ?? [];
  if (time === undefined) return undefined;
  return {
    check: 'tcp-keepalive',
    grade: 'note',
    what: `TCP itself would ask a silent client for life after ${plain(time)} s (net.ipv4.tcp_keepalive_time), where a program turns that on.`,
    why: 'Proxies cut silent connections long before, and do not pass this on. Pings of the WebSocket do both: the heartbeat of tidewire serve is 30 s unless told otherwise.',
  };
}

function cores(): Finding {
  const count = availableParallelism();
  if (count === 1) return { check: 'cores', grade: 'ok', what: 'One core.' };
  return {
    check: 'cores',
    grade: 'note',
    what: `${count} cores.`,
    why: 'A process of Node uses one of them, and a second for compressing large messages. More processes behind a proxy, over NATS or Redis, use all.',
  };
}
