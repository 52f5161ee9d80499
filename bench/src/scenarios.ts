import { type HubScenario, hubScenarios } from './hub-scenarios.ts';
import type { PeerName } from './peers.ts';

// What is measured, against whom, and what Tidewire wants to reach beside `ws`. What concerns the hub is in hub-scenarios.ts.

export type Payload = { readonly type: 'text' | 'binary'; readonly size: number } | { readonly type: 'json' };

export interface Common {
  /** Names the files of the results. */
  readonly id: string;
  readonly title: string;
  readonly peers: readonly PeerName[];
  /** Whom the others are compared with. Default: `ws`. */
  readonly beside?: PeerName;
  /** Whose ratio counts. Default: `tidewire`. */
  readonly own?: PeerName;
  /** The ratio that is wanted of it: at least this much, or, for memory, at most. */
  readonly goal?: number;
  /** permessage-deflate, offered by the load as a browser does, messages compressed in both directions. */
  readonly deflate?: true;
}

/** Each connection sends its next message as soon as the last one has come back. */
export interface EchoScenario extends Common {
  readonly kind: 'echo';
  readonly connections: number;
  /** Messages that each connection has under way. */
  readonly inFlight: number;
  readonly message: Payload;
  readonly tls?: true;
}

/** An echo like the others, over whatever carries the peer's messages: its name tells. One message under way each. */
export interface CarrierScenario extends Common {
  readonly kind: 'carriers';
  readonly connections: number;
  readonly message: Payload;
}

/** Messages are sent at a steady rate far below what the servers can do: what counts is how soon they come back. */
export interface LatencyScenario extends Common {
  readonly kind: 'latency';
  readonly connections: number;
  readonly perSecond: number;
  readonly message: Payload;
}

/** One of the subscribers sends a burst; the next follows when all have all of it. */
export interface FanOutScenario extends Common {
  readonly kind: 'fan-out';
  readonly subscribers: number;
  readonly burst: number;
  readonly message: Payload;
}

/** A client connects, is upgraded and leaves; then comes the next. */
export interface HandshakeScenario extends Common {
  readonly kind: 'handshakes';
  readonly concurrent: number;
}

/** What a connection costs when nothing happens on it; `exchange`: after one message and its echo. */
export interface MemoryScenario extends Common {
  readonly kind: 'memory';
  readonly connections: number;
  readonly exchange?: Payload;
}

export type Scenario =
  | EchoScenario
  | CarrierScenario
  | LatencyScenario
  | FanOutScenario
  | HandshakeScenario
  | MemoryScenario
  | HubScenario;

const raw = ['tidewire', 'ws', 'bun', 'deno'] as const;
const masked = ['tidewire', 'ws', 'ws-bufferutil', 'bun', 'deno'] as const;
/** `tidewire-lent` is handed binary messages without a copy, which is not the default. */
const lent = ['tidewire', 'tidewire-lent', 'ws', 'ws-bufferutil', 'bun', 'deno'] as const;
const all = [...masked, 'socket.io', 'sockjs'] as const;
/** `ws-lean` is `ws` with the compression options that its documentation shows for saving memory and time. */
const deflating = ['tidewire', 'ws', 'ws-lean', 'bun'] as const;

/** Where the goal is out of reach, or near, for anything on Node: how near shows `bare`, which does nothing but read and write. */
const bounded = 'bare' as const;

const text = (size: number): Payload => ({ type: 'text', size });
const binary = (size: number): Payload => ({ type: 'binary', size });
const json: Payload = { type: 'json' };
const KiB = 1024;

/** The options of an echo that most scenarios share. */
function echo(
  id: string,
  title: string,
  message: Payload,
  [connections, inFlight]: readonly [number, number],
  options: Partial<EchoScenario> = {},
): EchoScenario {
  return { kind: 'echo', id, title, message, connections, inFlight, peers: masked, ...options };
}

export const scenarios: readonly Scenario[] = [
  echo('echo-20', 'Echo of 20 B, 100 connections', text(20), [100, 1], { peers: [...all, bounded], goal: 1.7 }),
  echo('echo-20-x16', 'Echo of 20 B, 50 connections, 16 in flight', text(20), [50, 16], {
    peers: [...all, bounded],
    goal: 9,
  }),
  echo('echo-20-binary', 'Echo of 20 B, binary, 100 connections', binary(20), [100, 1]),
  echo('echo-20-binary-x16', 'Echo of 20 B, binary, 100 connections, 16 in flight', binary(20), [100, 16]),
  echo('echo-1k', 'Echo of 1 KiB, 100 connections', text(KiB), [100, 1]),
  echo('echo-1k-binary-x16', 'Echo of 1 KiB, binary, 100 connections, 16 in flight', binary(KiB), [100, 16], {
    peers: lent,
  }),
  echo('echo-16k-binary', 'Echo of 16 KiB, binary, 50 connections', binary(16 * KiB), [50, 1], {
    peers: lent,
    goal: 1.6,
  }),
  echo('echo-16k-x16', 'Echo of 16 KiB, 50 connections, 16 in flight', text(16 * KiB), [50, 16]),
  echo('echo-1m-binary', 'Echo of 1 MiB, binary, 10 connections', binary(KiB * KiB), [10, 1], { peers: lent }),
  echo('echo-1m', 'Echo of 1 MiB, text, 10 connections', text(KiB * KiB), [10, 1]),
  echo('echo-tls-20', 'Echo of 20 B over TLS, 100 connections', text(20), [100, 1], { peers: raw, tls: true }),
  echo('echo-tls-16k', 'Echo of 16 KiB over TLS, binary, 50 connections', binary(16 * KiB), [50, 1], {
    peers: raw,
    tls: true,
  }),
  echo('echo-deflate', 'Echo of 1 KiB JSON with permessage-deflate, 100 connections', json, [100, 1], {
    peers: deflating,
    deflate: true,
    goal: 3,
  }),
  {
    kind: 'carriers',
    id: 'carriers',
    title: 'Echo of 20 B over HTTP/2 and over plain requests, 50 connections',
    message: text(20),
    connections: 50,
    peers: ['tidewire', 'tidewire-http2', 'tidewire-stream', 'tidewire-poll', 'ws', 'socket.io', 'socket.io-polling'],
  },
  {
    kind: 'latency',
    id: 'latency',
    title: 'Time until an echo of 20 B is back, 100 connections, 4000 messages a second',
    message: text(20),
    connections: 100,
    perSecond: 4000,
    peers: raw,
  },
  {
    kind: 'fan-out',
    id: 'fan-out',
    title: 'Fan-out of 100 B to 1000 subscribers, single messages',
    message: text(100),
    subscribers: 1000,
    burst: 1,
    peers: [...all, bounded],
    goal: 1.3,
  },
  {
    kind: 'fan-out',
    id: 'fan-out-x20',
    title: 'Fan-out of 100 B to 1000 subscribers, bursts of 20',
    message: text(100),
    subscribers: 1000,
    burst: 20,
    peers: [...all, bounded],
    goal: 20,
  },
  {
    kind: 'fan-out',
    id: 'fan-out-deflate',
    title: 'Fan-out of 1 KiB JSON with permessage-deflate to 1000 subscribers',
    message: json,
    subscribers: 1000,
    burst: 1,
    deflate: true,
    peers: [...deflating, bounded],
    goal: 30,
  },
  {
    kind: 'handshakes',
    id: 'handshakes',
    title: 'Handshakes, 50 at a time',
    concurrent: 50,
    peers: [...raw, 'socket.io', 'sockjs', bounded],
    goal: 1.4,
  },
  {
    kind: 'memory',
    id: 'memory',
    title: 'Memory of an idle connection, of 10,000',
    connections: 10_000,
    peers: [...raw, 'socket.io', 'sockjs', bounded],
    goal: 0.7,
  },
  {
    kind: 'memory',
    id: 'memory-deflate',
    title: 'Memory of a connection with permessage-deflate after an echo, of 10,000',
    connections: 10_000,
    exchange: json,
    deflate: true,
    peers: deflating,
    goal: 0.2,
  },
  ...hubScenarios,
];
