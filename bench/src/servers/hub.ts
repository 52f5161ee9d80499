import process from 'node:process';
import { centrifugeJsonEndpoint } from '@tidewire/dialects';
import { type Engine, Hub, MemoryEngine, type NamespaceOptions } from '@tidewire/hub';
import { job } from './control.ts';
import { listen } from './node-listener.ts';

// A hub that clients reach by Centrifugo's protocol, with its defaults, but for what a benchmark needs: everybody may publish,
// as often as they like. HISTORY keeps a thousand publications for an hour, from which clients recover. No heartbeat falls
// into a measurement. What is needed of one engine is loaded with it alone.

async function engineOf({ backend }: typeof job): Promise<Engine> {
  if (backend === undefined) return new MemoryEngine();
  const { addresses } = backend;
  const [first = ''] = addresses;
  switch (backend.name) {
    case 'disk':
      return new (await import('@tidewire/engine-disk')).DiskEngine({ directory: first });
    case 'redis':
      return new (await import('@tidewire/engine-redis')).RedisEngine({ url: first });
    case 'nats':
    case 'nats-3':
      return new (await import('@tidewire/engine-nats')).NatsEngine({ servers: addresses });
  }
}

const namespace: NamespaceOptions = {
  subscribe: 'everyone',
  publish: 'everyone',
  presence: job.presence,
  ...(process.env.HISTORY === '1' && !job.presence ? { history: { size: 1000, ttl: 3_600_000 } } : {}),
};
const hub = new Hub({
  engine: await engineOf(job),
  namespaces: { '': namespace },
  limits: { commandRate: 1e9, userCommandRate: 1e9 },
});
await hub.start();
const endpoint = centrifugeJsonEndpoint(hub, { pingInterval: 600_000, maxPendingCommands: 1e6 });
listen((server) => endpoint.attach(server, { path: '/connection/websocket' }));
