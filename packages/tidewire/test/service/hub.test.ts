import { WebSocket } from '@tidewire/client';
import { Centrifuge } from 'centrifuge';
import { type Service, type ServiceOptions, startService } from 'tidewire';
import { expect, onTestFinished, test } from 'vitest';
import { Peer } from '../support.ts';

const everyone = { subscribe: 'everyone', publish: 'everyone' } as const;
const rooms = { ...everyone, history: { size: 100, ttl: 60_000 } };

async function start(options: ServiceOptions = {}): Promise<Service> {
  const service = await startService({ port: 0, ...options });
  onTestFinished(() => service.stop(100));
  return service;
}

const urlOf = (service: Service, name: string) => service.urls.endpoints[name] ?? '';

async function client(service: Service, token = ''): Promise<Centrifuge> {
  const centrifuge = new Centrifuge(urlOf(service, 'hub'), { websocket: WebSocket, token, minReconnectDelay: 10 });
  onTestFinished(() => centrifuge.disconnect());
  centrifuge.connect();
  await centrifuge.ready(5000);
  return centrifuge;
}

async function subscribed(centrifuge: Centrifuge, channel: string) {
  const subscription = centrifuge.newSubscription(channel);
  const received: unknown[] = [];
  subscription.on('publication', ({ data }) => received.push(data));
  subscription.subscribe();
  await subscription.ready(5000);
  return { subscription, received };
}

test('clients of an SDK and clients that speak lines meet in a channel', async () => {
  const service = await start({ hub: { namespaces: { chat: rooms } } });
  const { subscription, received } = await subscribed(await client(service), 'chat:lobby');
  const peer = await Peer.open(urlOf(service, 'lines'));
  peer.socket.send('{"publish":"chat:lobby","data":"from the lines"}');
  await new Promise((resolve) => subscription.once('publication', resolve));
  expect(received).toEqual(['from the lines']);
});

test('who speaks lines need not answer pings in words, as an SDK has to', async () => {
  const clients = { pingInterval: 1000, pongTimeout: 500 };
  const service = await start({ hub: { namespaces: { chat: rooms }, clients } });
  const peer = await Peer.open(urlOf(service, 'lines'));
  peer.socket.send('{"subscribe":"chat:lobby"}');
  for (const first of ['connected', 'subscribed']) expect(await peer.next()).toContain(`"${first}"`);
  const silent = await Peer.open(urlOf(service, 'hub'));
  silent.socket.send('{"id":1,"connect":{}}');
  expect(await silent.closed).toMatchObject({ code: 3012 });
  peer.socket.send('{"publish":"chat:lobby","data":"still here"}');
  expect([await peer.next(), await peer.next()].join()).toContain('"data":"still here"');
});

test('over plain HTTP the SDK gets through as well, and is counted', async () => {
  const service = await start({ hub: { namespaces: { chat: rooms } } });
  const http = urlOf(service, 'hub').replace('ws:', 'http:').replace('/connection/websocket', '');
  const transport = { transport: 'http_stream', endpoint: `${http}/connection/http_stream` } as const;
  const centrifuge = new Centrifuge([transport], { emulationEndpoint: `${http}/emulation` });
  onTestFinished(() => centrifuge.disconnect());
  centrifuge.connect();
  await centrifuge.ready(5000);
  await subscribed(centrifuge, 'chat:lobby');
  const health: unknown = await (await fetch(`${http}/health`)).json();
  expect(health).toMatchObject({ connections: { emulation: 1, hub: 0 } });
});

test('a playground has channels to try, and a service without one has none', async () => {
  await subscribed(await client(await start()), 'try:news');
  const bare = await start({ playground: false, console: false });
  expect(bare.urls).toMatchObject({ pages: undefined, endpoints: { hub: expect.any(String) } });
  expect(bare.urls.endpoints).not.toHaveProperty('echo');
  const centrifuge = await client(bare);
  const subscription = centrifuge.newSubscription('try:news');
  const error = new Promise((resolve) => subscription.once('unsubscribed', resolve));
  subscription.subscribe();
  expect(await error).toMatchObject({ code: 102 });
});

test('pages of other hosts may not connect, unless they are named', async () => {
  const service = await start({ origins: ['https://friend.example'] });
  for (const name of ['hub', 'lines']) {
    const open = (origin: string) => Peer.open(urlOf(service, name), [], { origin });
    await expect(open('https://evil.example')).rejects.toMatchObject({ response: { status: 403 } });
    await open('https://friend.example');
  }
});

test('who is connected goes on under the options that are taken over', async () => {
  const service = await start({ hub: { namespaces: { chat: rooms } } });
  const centrifuge = await client(service);
  await subscribed(centrifuge, 'chat:lobby');
  await centrifuge.publish('chat:lobby', 1);
  service.reconfigure({ hub: { namespaces: { chat: { ...rooms, publish: 'nobody' }, news: rooms } } });
  await expect(centrifuge.publish('chat:lobby', 2)).rejects.toMatchObject({ code: 103 });
  await subscribed(centrifuge, 'news:today');
  service.reconfigure({
    hub: { namespaces: { chat: rooms, news: rooms }, permissions: { isAnonymousAllowed: false } },
  });
  await centrifuge.publish('chat:lobby', 3);
  const refused = new Centrifuge(urlOf(service, 'hub'), { websocket: WebSocket });
  onTestFinished(() => refused.disconnect());
  const ended = new Promise((resolve) => refused.once('disconnected', resolve));
  refused.connect();
  expect(await ended).toMatchObject({ code: 101 });
});

test('clients of a service that drains are told to come back', async () => {
  const service = await start({ hub: { namespaces: { chat: rooms } } });
  const centrifuge = await client(service);
  await subscribed(centrifuge, 'chat:lobby');
  const told = new Promise((resolve) => centrifuge.once('connecting', resolve));
  const lines = await Peer.open(urlOf(service, 'lines'));
  const drained = service.drain(1000);
  expect(await told).toMatchObject({ code: 3001, reason: 'shutdown' });
  expect(await lines.closed).toMatchObject({ code: 3001, wasClean: true });
  await drained;
});
