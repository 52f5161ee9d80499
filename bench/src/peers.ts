import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BackendName, isInstalled, programOf } from './backends.ts';

// Who is measured, and how each one's server is started. How it is configured stands in its file under `servers/`.

const names = [
  'tidewire',
  'tidewire-lent',
  'tidewire-http2',
  'tidewire-stream',
  'tidewire-poll',
  'ws',
  'ws-bufferutil',
  'ws-lean',
  'bun',
  'deno',
  'bare',
  'socket.io',
  'socket.io-polling',
  'sockjs',
  'hub',
  'hub-history',
  'hub-disk',
  'hub-redis',
  'hub-nats',
  'hub-nats-3',
] as const;

export type PeerName = (typeof names)[number];

export interface Peer {
  readonly name: PeerName;
  readonly label: string;
  readonly version: string;
  readonly executable: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What it needs beside itself. */
  readonly backend?: BackendName;
}

/** A peer that this machine does not have, and why. */
export interface MissingPeer {
  readonly name: PeerName;
  readonly missing: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(root, 'node_modules');
const resolve = createRequire(join(root, 'package.json')).resolve;

function onNode(
  name: PeerName,
  server: string,
  packageName: string,
  environment: Record<string, string> = {},
): Peer | MissingPeer {
  const manifest = manifestOf(packageName);
  if (manifest === undefined) return { name, missing: `the package ${packageName} is not installed` };
  const executable = process.execPath;
  const args = [fileURLToPath(new URL(`./servers/${server}.js`, import.meta.url))];
  const label = name === 'tidewire' ? 'Tidewire' : (labels[name] ?? name);
  return { name, label, version: `${packageName} ${manifest}`, executable, args, environment };
}

const labels: Partial<Record<PeerName, string>> = {
  'tidewire-lent': 'Tidewire, lendBinary',
  'tidewire-http2': 'Tidewire, HTTP/2',
  'tidewire-stream': 'Tidewire, streaming',
  'tidewire-poll': 'Tidewire, long polling',
  bare: 'Node alone',
  'ws-bufferutil': 'ws + bufferutil',
  'ws-lean': 'ws, lean deflate',
  'socket.io': 'Socket.IO',
  'socket.io-polling': 'Socket.IO, long polling',
  sockjs: 'SockJS',
  hub: 'Tidewire hub',
  'hub-history': 'Tidewire hub, history',
  'hub-disk': 'Tidewire hub, disk',
  'hub-redis': 'Tidewire hub, Redis',
  'hub-nats': 'Tidewire hub, NATS',
  'hub-nats-3': 'Tidewire hub, 3 × NATS',
};

/** A hub that is carried by something else than its process's memory. */
function onBackend(name: PeerName, backend: BackendName): Peer | MissingPeer {
  const program = programOf(backend);
  if (program !== undefined && !isInstalled(program)) return { name, missing: `${program} is not installed` };
  const peer = onNode(name, 'hub', '@tidewire/hub', { HISTORY: '1' });
  return 'missing' in peer ? peer : { ...peer, backend };
}

/** The version in a package's manifest, which `exports` may hide from `require`. */
function manifestOf(packageName: string): string | undefined {
  for (const directory of resolve.paths(packageName) ?? []) {
    const file = join(directory, packageName, 'package.json');
    if (existsSync(file)) return String(JSON.parse(readFileSync(file, 'utf8')).version);
  }
  return undefined;
}

/** A runtime comes as a binary in a package for the platform; where install scripts may run, it is moved from there. */
function runtime(name: 'bun' | 'deno', label: string, scope: string, args: readonly string[]): Peer | MissingPeer {
  const candidates = [join(modules, name, 'bin', `${name}.exe`), join(modules, name, name)];
  const scoped = join(modules, scope);
  for (const entry of existsSync(scoped) ? readdirSync(scoped) : []) {
    candidates.push(join(scoped, entry, 'bin', name), join(scoped, entry, name));
  }
  for (const executable of candidates.filter((path) => existsSync(path))) {
    const { status, stdout } = spawnSync(executable, ['--version'], { encoding: 'utf8' });
    if (status !== 0) continue;
    const version = `${label} ${/\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? '?'}`;
    const server = fileURLToPath(new URL(`./servers/${name}.js`, import.meta.url));
    return { name, label, version, executable, args: [...args, server], environment: {} };
  }
  return { name, missing: `npm has installed no ${label} that runs on this platform` };
}

const NO_BUFFERUTIL = { WS_NO_BUFFER_UTIL: '1' };
const denoArgs = ['run', '--allow-all', '--no-prompt', '--no-lock', '--no-config', '--no-remote', '--no-npm'];

const find: Readonly<Record<PeerName, () => Peer | MissingPeer>> = {
  tidewire: () => onNode('tidewire', 'tidewire', '@tidewire/server'),
  'tidewire-lent': () => onNode('tidewire-lent', 'tidewire', '@tidewire/server', { LEND_BINARY: '1' }),
  'tidewire-http2': () => onNode('tidewire-http2', 'tidewire', '@tidewire/server', { HTTP2: '1' }),
  'tidewire-stream': () => onNode('tidewire-stream', 'tidewire', '@tidewire/server'),
  'tidewire-poll': () => onNode('tidewire-poll', 'tidewire', '@tidewire/server'),
  ws: () => onNode('ws', 'ws', 'ws', NO_BUFFERUTIL),
  'ws-bufferutil': () => {
    const missing = manifestOf('bufferutil') === undefined;
    if (missing) return { name: 'ws-bufferutil', missing: 'the package bufferutil is not installed' };
    return onNode('ws-bufferutil', 'ws', 'ws');
  },
  'ws-lean': () => onNode('ws-lean', 'ws', 'ws', { ...NO_BUFFERUTIL, LEAN_DEFLATE: '1' }),
  bun: () => runtime('bun', 'Bun', '@oven', []),
  deno: () => runtime('deno', 'Deno', '@deno', denoArgs),
  bare: () => onNode('bare', 'bare', '@tidewire/node'),
  'socket.io': () => onNode('socket.io', 'socket.io', 'socket.io'),
  'socket.io-polling': () => onNode('socket.io-polling', 'socket.io', 'socket.io', { POLLING: '1' }),
  sockjs: () => onNode('sockjs', 'sockjs', 'sockjs'),
  hub: () => onNode('hub', 'hub', '@tidewire/hub'),
  'hub-history': () => onNode('hub-history', 'hub', '@tidewire/hub', { HISTORY: '1' }),
  'hub-disk': () => onBackend('hub-disk', 'disk'),
  'hub-redis': () => onBackend('hub-redis', 'redis'),
  'hub-nats': () => onBackend('hub-nats', 'nats'),
  'hub-nats-3': () => onBackend('hub-nats-3', 'nats-3'),
};

/** All peers, in the order in which they take their turns. */
export function findPeers(): { peers: Peer[]; missing: MissingPeer[] } {
  const peers: Peer[] = [];
  const missing: MissingPeer[] = [];
  for (const name of names) {
    const found = find[name]();
    if ('missing' in found) missing.push(found);
    else peers.push(found);
  }
  return { peers, missing };
}
