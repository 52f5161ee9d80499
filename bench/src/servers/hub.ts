import process from 'node:process';
import { centrifugeJsonEndpoint } from '@tidewire/dialects';
import { Hub, type NamespaceOptions } from '@tidewire/hub';
import { listen } from './node-listener.ts';

// A hub that clients reach by Centrifugo's protocol, with its defaults, but for what a benchmark needs: everybody may publish,
// as often as they like. HISTORY keeps a thousand publications for an hour, from which clients recover. No heartbeat falls
// into a measurement.

const history = process.env.HISTORY === '1' ? { history: { size: 1000, ttl: 3_600_000 } } : {};
const namespace: NamespaceOptions = { subscribe: 'everyone', publish: 'everyone', ...history };
const hub = new Hub({ namespaces: { '': namespace }, limits: { commandRate: 1e9, userCommandRate: 1e9 } });
await hub.start();
const endpoint = centrifugeJsonEndpoint(hub, { pingInterval: 600_000 });
listen((server) => endpoint.attach(server, { path: '/connection/websocket' }));
