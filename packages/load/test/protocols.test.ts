import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { type PusherPacket, readPusher, StompReader, stompHeader, writePusher, writeStomp } from '@tidewire/codecs';
import { centrifugeJsonEndpoint } from '@tidewire/dialects';
import { Hub } from '@tidewire/hub';
import { Server } from 'socket.io';
import { expect, onTestFinished, test } from 'vitest';
import { nothing, run, runPhase, wrongs } from './support/running.ts';
import { listen, wsServer } from './support/servers.ts';

// Each protocol against a server that speaks it: the hub, the package socket.io, and small brokers made of the codecs.

const fanOut = { do: 'pubsub', connections: 8, publishers: 2, channels: 2, rate: 10, duration: '1s' };
const echo = { do: 'echo', connections: 4, rate: 10, duration: '1s' };
const request = { do: 'request', connections: 4, rate: 10, duration: '1s' };

test('centrifugo: the hub echoes through channels, answers and fans out, and nothing is wrong', async () => {
  const url = await hub();
  const target = { url, protocol: 'centrifugo' };
  const outcome = await run(target, echo, request, fanOut, { do: 'storm', connections: 8, duration: '200ms' });
  const [echoed, answered, fanned, storm] = outcome.phases;
  for (const phase of outcome.phases)
    expect([phase.name, wrongs(phase), phase.errors]).toEqual([phase.name, nothing, {}]);
  expect([echoed?.counters.received, answered?.counters.received]).toEqual([40, 40]);
  // Two publishers with 10 messages each, and 3 subscribers of each channel.
  expect([fanned?.counters.sent, fanned?.counters.received, fanned?.subscribe?.count]).toEqual([20, 60, 6]);
  expect(storm?.storm?.waves).toMatchObject([{ dropped: 8, returned: 8 }]);
  expect(storm?.ready?.count).toBe(8);
});

test('centrifugo: what the hub refuses is said, and by which code', async () => {
  const url = await hub();
  const phase = await runPhase(
    { url, protocol: 'centrifugo' },
    { ...fanOut, channel: 'secret:{{channel}}', grace: '100ms' },
  );
  const kinds = Object.keys(phase.errors).join('\n');
  expect(kinds).toMatch(/subscribe refused: 10\d /);
  expect(kinds).toMatch(/publish refused: 10\d /);
  expect(phase.counters.lost).toBe(60);
});

test('socket.io: events are echoed, acknowledged, and fanned out by rooms', async () => {
  const server = createServer();
  const io = new Server(server);
  const tokens = new Set<unknown>();
  io.on('connection', (socket) => {
    tokens.add(socket.handshake.auth.token);
    socket.on('subscribe', (room: string) => socket.join(room));
    socket.on('message', (...args: unknown[]) => {
      const [first, second] = args;
      if (typeof second === 'function') second('done');
      else if (second === undefined) socket.emit('message', first);
      else io.to(String(first)).emit('message', second);
    });
  });
  const port = await listen(server);
  const target = { url: `ws://127.0.0.1:${port}`, protocol: 'socket.io', token: 'secret' };
  const outcome = await run(target, echo, request, fanOut);
  for (const phase of outcome.phases)
    expect([phase.name, wrongs(phase), phase.errors]).toEqual([phase.name, nothing, {}]);
  expect(outcome.phases.map(({ counters }) => counters.received)).toEqual([40, 40, 60]);
  expect([...tokens]).toEqual(['secret']);
  await io.close();
});

test('stomp: receipts and subscriptions of a broker', async () => {
  const { url } = await stompBroker();
  const outcome = await run({ url, protocol: 'stomp', user: 'guest', token: 'guest' }, echo, request, fanOut);
  for (const phase of outcome.phases)
    expect([phase.name, wrongs(phase), phase.errors]).toEqual([phase.name, nothing, {}]);
  expect(outcome.phases.map(({ counters }) => counters.received)).toEqual([40, 40, 60]);
});

test('stomp: what a phase has subscribed to is neither subscribed to again nor counted as wrong in the next', async () => {
  const { url } = await stompBroker();
  const other = { ...fanOut, name: 'others publish', publishers: 3 };
  const outcome = await run({ url, protocol: 'stomp', token: 'guest' }, fanOut, { ...fanOut, name: 'again' }, other);
  for (const phase of outcome.phases)
    expect([phase.name, wrongs(phase), phase.errors]).toEqual([phase.name, nothing, {}]);
  const [first, again, last] = outcome.phases.map(({ counters }) => [counters.opened, counters.received]);
  expect([first, again]).toEqual([
    [8, 60],
    [0, 60],
  ]);
  // All but the first two have another channel now, or none, and so a new connection. Two publish to three, one to two.
  expect(last).toEqual([6, 2 * 10 * 3 + 10 * 2]);
});

test('stomp: who may not log in is not ready, and it is said why', async () => {
  const { url } = await stompBroker();
  const phase = await runPhase({ url, protocol: 'stomp', user: 'guest', token: 'wrong' }, { ...echo, grace: '0s' });
  expect([phase.counters.open, phase.counters.failed]).toEqual([0, 4]);
  expect(phase.errors).toEqual({ 'stomp: bad credentials': 4 });
  expect(phase.counters.unsent).toBe(40);
});

test('pusher: client events on private channels, which the secret signs', async () => {
  const { url } = await pusherServer('key', 'secret');
  const phase = await runPhase({ url, protocol: 'pusher', token: 'secret' }, fanOut);
  expect([wrongs(phase), phase.errors, phase.counters.received]).toEqual([nothing, {}, 60]);
  const other = await runPhase({ url, protocol: 'pusher', token: 'other' }, { ...fanOut, grace: '100ms' });
  expect(other.errors).toEqual({ 'subscribe refused': 8 });
});

async function hub(): Promise<string> {
  const open = { subscribe: 'everyone', publish: 'everyone' } as const;
  const made = new Hub({ namespaces: { '': open, secret: {} } });
  await made.start();
  onTestFinished(() => made.stop());
  const server = createServer();
  centrifugeJsonEndpoint(made).attach(server, { path: '/' });
  return `ws://127.0.0.1:${await listen(server)}/`;
}

function stompBroker() {
  const subscriptions: { readonly destination: string; readonly id: string; send(bytes: Uint8Array): void }[] = [];
  return wsServer((peer) => {
    const reader = new StompReader();
    const send = (bytes: Uint8Array) => peer.send(bytes);
    peer.on('message', (data) => {
      for (const frame of reader.read(Buffer.isBuffer(data) ? data : '').values) {
        if (!('headers' in frame)) continue;
        const of = (name: string) => stompHeader(frame, name) ?? '';
        const destination = of('destination');
        if (frame.command === 'CONNECT') {
          const isRight = of('passcode') === 'guest';
          send(
            writeStomp(
              isRight
                ? { command: 'CONNECTED', headers: { version: '1.2' } }
                : { command: 'ERROR', headers: { message: 'bad credentials' } },
            ),
          );
        } else if (frame.command === 'SUBSCRIBE') {
          subscriptions.push({ destination, id: of('id'), send });
        } else if (frame.command === 'SEND') {
          for (const each of subscriptions.filter((one) => one.destination === destination)) {
            each.send(
              writeStomp({ command: 'MESSAGE', headers: { destination, subscription: each.id }, body: frame.body }),
            );
          }
        }
        if (of('receipt') !== '') send(writeStomp({ command: 'RECEIPT', headers: { 'receipt-id': of('receipt') } }));
      }
    });
  }).then(({ url }) => ({ url }));
}

async function pusherServer(key: string, secret: string) {
  const members = new Map<string, Set<{ send(text: string): void }>>();
  const { url } = await wsServer((peer, number) => {
    const socketId = `1.${number}`;
    const say = (packet: PusherPacket) => peer.send(writePusher(packet));
    say({
      event: 'pusher:connection_established',
      data: { socket_id: socketId, activity_timeout: 120 },
      isDataText: true,
    });
    peer.on('message', (data) => {
      const { value } = readPusher(String(data));
      if (
        value?.event === 'pusher:subscribe' &&
        typeof value.data === 'object' &&
        value.data !== null &&
        'channel' in value.data
      ) {
        const { channel, auth } = value.data;
        const signature = createHmac('sha256', secret).update(`${socketId}:${channel}`).digest('hex');
        const isRight = auth === `${key}:${signature}`;
        if (isRight) members.set(String(channel), (members.get(String(channel)) ?? new Set()).add(peer));
        const event = isRight ? 'pusher_internal:subscription_succeeded' : 'pusher:subscription_error';
        say({ event, channel: String(channel), data: {}, isDataText: true });
      } else if (value?.event.startsWith('client-') === true && members.get(value.channel ?? '')?.has(peer) === true) {
        for (const other of members.get(value.channel ?? '') ?? []) if (other !== peer) other.send(String(data));
      }
    });
  });
  return { url: `${url}app/${key}` };
}
