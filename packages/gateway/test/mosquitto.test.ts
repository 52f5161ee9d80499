import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { MosquittoServer } from '../../../test/servers/mosquitto.ts';
import { refusal, startGateway } from './support.ts';

const path = inject('mosquitto');
let mosquitto: MosquittoServer;

beforeAll(async () => {
  if (path !== '') mosquitto = await MosquittoServer.start(path);
});

afterAll(() => mosquitto?.close());

async function mqttClient(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(`${url}/mqtt`, { reconnectPeriod: 100, ...options });
  client.on('error', () => {});
  onTestFinished(() => client.endAsync(true));
  return client;
}

describe.skipIf(path === '').each([
  ['3.1.1', { protocolVersion: 4 }],
  ['5', { protocolVersion: 5 }],
] as const)('MQTT %s to Mosquitto, by mqtt.js:', (_version, options) => {
  test('many messages in order, and one of megabytes', async () => {
    const { url, events } = await startGateway([{ name: 'mqtt', host: '127.0.0.1', port: mosquitto.port }]);
    const client = await mqttClient(url, options);
    const topic = `many/${options.protocolVersion}`;
    await client.subscribeAsync(topic, { qos: 1 });
    const bodies = [...Array.from({ length: 1000 }, (_, index) => `message ${index}`), 'x'.repeat(5_000_000)];
    const received: string[] = [];
    const all = new Promise<void>((resolve) => {
      client.on('message', (_topic, payload) => {
        received.push(payload.toString());
        if (received.length === bodies.length) resolve();
      });
    });
    for (const body of bodies) client.publish(topic, body, { qos: 1 });
    await all;
    expect(received).toEqual(bodies);
    expect(events).toContain('opened mqtt mqtt');
  });
});

describe.skipIf(path === '')('Mosquitto', () => {
  test('is spoken to over TLS that is verified', async () => {
    const attributes = [{ name: 'commonName', value: 'broker.test' }];
    const extensions = [{ name: 'subjectAltName' as const, altNames: [{ type: 2 as const, value: 'broker.test' }] }];
    const { cert, private: key } = await generate(attributes, { extensions });
    const secure = await MosquittoServer.start(path, { tls: { cert, key } });
    onTestFinished(() => secure.close());
    const at = { host: '127.0.0.1', port: secure.port, path: '/mqtt' };
    const right = await startGateway([
      { name: 'right', ...at, subprotocols: ['mqtt'], tls: { ca: cert, servername: 'broker.test' } },
    ]);
    const client = await mqttClient(right.url);
    expect(client.connected).toBe(true);
    const [stranger, otherName, insecure] = await Promise.all([
      startGateway([{ name: 'stranger', ...at, subprotocols: ['mqtt'], tls: { servername: 'broker.test' } }]),
      startGateway([{ name: 'other', ...at, subprotocols: ['mqtt'], tls: { ca: cert, servername: 'other.test' } }]),
      startGateway([{ name: 'insecure', ...at, subprotocols: ['mqtt'], tls: { insecure: true } }]),
    ]);
    for (const { url, events } of [stranger, otherName]) {
      expect(await refusal(`${url}/mqtt`, ['mqtt'])).toMatchObject({ status: 502 });
      expect(events).toContainEqual(expect.stringMatching(/^connected \w+ TLS_FAILED$/));
    }
    expect((await mqttClient(insecure.url)).connected).toBe(true);
  });

  test('that is started again has its clients back', async () => {
    const { url, told } = await startGateway([{ name: 'mqtt', host: '127.0.0.1', port: mosquitto.port }]);
    const client = await mqttClient(url);
    await client.subscribeAsync('after');
    await mosquitto.kill();
    await told(/^closed mqtt/);
    await told('refused mqtt 502 CONNECT_FAILED');
    const back = new Promise((resolve) => client.once('connect', resolve));
    await mosquitto.start();
    await back;
    const message = new Promise((resolve) => client.once('message', (_topic, payload) => resolve(String(payload))));
    await client.subscribeAsync('after');
    await client.publishAsync('after', 'here again');
    expect(await message).toBe('here again');
  });
});
