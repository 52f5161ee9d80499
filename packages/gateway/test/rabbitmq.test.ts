import { type IMessage, Client as StompClient, type StompConfig } from '@stomp/stompjs';
import { WebSocket } from '@tidewire/client';
import { LoadRun, parseScenario } from '@tidewire/load';
import rhea from 'rhea';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { RabbitServer } from '../../../test/servers/rabbitmq.ts';
import { startGateway } from './support.ts';

const path = inject('rabbitmq-server');
let rabbit: RabbitServer;

beforeAll(async () => {
  if (path !== '') rabbit = await RabbitServer.start(path);
}, 120_000);

afterAll(() => rabbit?.close());

function gatewayOfRabbit(messages: 'auto' | 'binary' = 'auto') {
  const { stomp, amqp } = rabbit.ports;
  return startGateway([
    { name: 'stomp', host: '127.0.0.1', port: stomp, messages },
    { name: 'amqp', host: '127.0.0.1', port: amqp },
  ]);
}

/** A connected client of STOMP. */
async function stompClient(url: string, config: StompConfig = {}): Promise<StompClient> {
  const client = new StompClient({
    webSocketFactory: () => new WebSocket(`${url}/stomp`, ['v12.stomp', 'v11.stomp', 'v10.stomp']),
    connectHeaders: { login: 'guest', passcode: 'guest' },
    reconnectDelay: 200,
    ...config,
  });
  onTestFinished(() => client.deactivate({ force: true }));
  await new Promise<void>((resolve, reject) => {
    client.onConnect = () => resolve();
    client.onStompError = ({ headers }) => reject(new Error(headers.message));
    client.activate();
  });
  return client;
}

/** The messages of a queue, until there are as many. */
function take(
  client: StompClient,
  queue: string,
  count: number,
): { readonly subscribed: Promise<void>; readonly all: Promise<IMessage[]> } {
  let subscribed = () => {};
  const isSubscribed = new Promise<void>((resolve) => {
    subscribed = resolve;
  });
  const all = new Promise<IMessage[]>((resolve) => {
    const messages: IMessage[] = [];
    client.watchForReceipt('subscribed', () => subscribed());
    client.subscribe(
      queue,
      (message) => {
        messages.push(message);
        if (messages.length === count) resolve(messages);
      },
      { receipt: 'subscribed' },
    );
  });
  return { subscribed: isSubscribed, all };
}

describe.skipIf(path === '')('STOMP to RabbitMQ, by @stomp/stompjs:', () => {
  test('many messages, in order, as text', async () => {
    const { url, events } = await gatewayOfRabbit();
    const client = await stompClient(url);
    const taken = take(client, '/queue/many', 5000);
    await taken.subscribed;
    for (let index = 0; index < 5000; index++)
      client.publish({ destination: '/queue/many', body: `message ${index} €` });
    const messages = await taken.all;
    expect(messages.map(({ body }) => body)).toEqual(Array.from({ length: 5000 }, (_, index) => `message ${index} €`));
    expect(events).toContain('opened stomp v12.stomp');
  });

  test.each([
    ['whole', {}],
    ['split over many messages of the WebSocket', { splitLargeFrames: true }],
    ['as binary messages', { forceBinaryWSFrames: true }],
  ])('a frame of megabytes, %s', async (what, config) => {
    const { url } = await gatewayOfRabbit();
    const client = await stompClient(url, config);
    const queue = `/queue/large-${what.slice(0, 5)}`;
    const taken = take(client, queue, 1);
    await taken.subscribed;
    // Where it splits frames, stompjs cuts characters beyond U+FFFF in two.
    const body = `${'splitLargeFrames' in config ? '€' : '😀'} and text. `.repeat(200_000);
    client.publish({ destination: queue, body });
    const [message] = await taken.all;
    expect(message?.body === body).toBe(true);
  });

  test('bodies of bytes, with messages that are binary', async () => {
    const { url } = await gatewayOfRabbit('binary');
    const client = await stompClient(url);
    const taken = take(client, '/queue/bytes', 1);
    await taken.subscribed;
    const binaryBody = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    client.publish({ destination: '/queue/bytes', binaryBody });
    const [message] = await taken.all;
    expect(Buffer.from(message?.binaryBody ?? []).equals(binaryBody)).toBe(true);
  });

  test('a refused login is the error of the broker', async () => {
    const { url } = await gatewayOfRabbit();
    const headers = { login: 'guest', passcode: 'wrong' };
    await expect(stompClient(url, { connectHeaders: headers })).rejects.toThrow('Bad CONNECT');
  });
});

describe.skipIf(path === '')('AMQP 1.0 to RabbitMQ, by rhea:', () => {
  function amqpClient(url: string, protocols = ['amqp']) {
    const container = rhea.create_container();
    const connect = container.websocket_connect(WebSocket);
    const connection = container.connect({
      ...{ username: 'guest', password: 'guest', reconnect: false, port: 0 },
      connection_details: () => ({ host: '', port: 0, ...connect(`${url}/amqp`, protocols, {})() }),
    });
    connection.on('disconnected', () => {});
    onTestFinished(() => connection.close());
    return connection;
  }

  test('many messages, and one of megabytes, come back', async () => {
    const { url, events } = await gatewayOfRabbit();
    const connection = amqpClient(url);
    const bodies = [...Array.from({ length: 1000 }, (_, index) => `message ${index}`), 'x'.repeat(3_000_000)];
    const received: unknown[] = [];
    const all = new Promise<void>((resolve, reject) => {
      connection.on('connection_error', ({ error }) => reject(error));
      connection.on('message', ({ message }) => {
        received.push(message?.body);
        if (received.length === bodies.length) resolve();
      });
    });
    connection.open_receiver('/queue/amqp');
    const sender = connection.open_sender('/queue/amqp');
    let next = 0;
    sender.on('sendable', () => {
      while (sender.sendable() && next < bodies.length) sender.send({ body: bodies[next++] });
    });
    await all;
    expect(received).toEqual(bodies);
    expect(events).toContain('opened amqp amqp');
  });
});

describe.skipIf(path === '')('a load test by STOMP', () => {
  const right = { failed: 0, lost: 0, lostWithConnection: 0, duplicates: 0, outOfOrder: 0, unexpected: 0, unsent: 0 };

  async function load(token: string, ...phases: Readonly<Record<string, unknown>>[]) {
    const { url } = await gatewayOfRabbit();
    const target = { url: `${url}/stomp`, protocol: 'stomp', user: 'guest', token };
    const all = phases.map((phase) => ({ connections: 12, rate: 20, duration: '1s', ...phase }));
    return (await new LoadRun(parseScenario({ target, seed: 1, workers: 2, phases: all })).run()).phases;
  }

  test('fans out, echoes and takes receipts: nothing is lost, comes twice or out of order, and all is timed', async () => {
    const pubsub = { do: 'pubsub', publishers: 3, rate: 40, channel: '/topic/load-{{channel}}' };
    const phases = await load('guest', pubsub, { do: 'echo' }, { do: 'request' });
    // Three publishers with 40 messages each and 9 subscribers; 12 connections with 20 messages each.
    for (const [i, sent, received] of [
      [0, 120, 1080],
      [1, 240, 240],
      [2, 240, 240],
    ] as const) {
      expect(phases[i]?.counters).toMatchObject({ ...right, open: 12, sent, expected: received, received });
      expect(phases[i]?.errors).toEqual({});
      expect(phases[i]?.latency?.count).toBe(received);
      expect(phases[i]?.latency?.p50).toBeGreaterThan(0);
    }
    expect([phases[0]?.ready?.count, phases[0]?.subscribe?.count]).toEqual([12, 9]);
  });

  test('says of a refused login what the broker says', async () => {
    const [phase] = await load('wrong', { do: 'echo', connections: 2, duration: '100ms', grace: '0s' });
    expect(phase?.counters).toMatchObject({ open: 0, failed: 2, sent: 0 });
    expect(phase?.errors).toEqual({ 'stomp: Bad CONNECT': 2 });
  });
});

describe.skipIf(path === '')('a restart of RabbitMQ', () => {
  test('closes with 1011 or 1000, is a 502 while nothing is there, and a client that tries again is back', async () => {
    const { url, told } = await gatewayOfRabbit();
    const client = await stompClient(url);
    await rabbit.kill();
    await told(/^closed stomp 10(?:11|00)/);
    await told('refused stomp 502 CONNECT_FAILED');
    const back = new Promise<void>((resolve) => {
      client.onConnect = () => resolve();
    });
    await rabbit.start();
    await back;
    const taken = take(client, '/queue/after', 1);
    await taken.subscribed;
    client.publish({ destination: '/queue/after', body: 'here again' });
    expect((await taken.all)[0]?.body).toBe('here again');
  }, 120_000);
});
