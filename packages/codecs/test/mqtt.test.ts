import { once } from 'node:events';
import { type MessageData, type MqttPacket, MqttReader, mqttCodeName, mqttDecoder } from '@tidewire/codecs';
import fc from 'fast-check';
import mqtt from 'mqtt';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { anyBytes, parameters } from './support/arbitrary.ts';

// mqtt-packet writes, we read.

const topic = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'ab/ä') });
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);
const messageId = fc.integer({ min: 1, max: 65535 });
const publish = fc
  .record({ topic, qos, retain: fc.boolean(), messageId, payload: anyBytes })
  .map((each): [Packet, Partial<MqttPacket>] => [
    { cmd: 'publish', dup: false, ...each, payload: Buffer.from(each.payload) },
    {
      type: 'PUBLISH',
      topic: each.topic,
      qos: each.qos,
      retain: each.retain,
      packetId: each.qos > 0 ? each.messageId : undefined,
      payload: each.payload,
    },
  ]);
const subscribe = fc
  .record({ messageId, subscriptions: fc.array(fc.record({ topic, qos }), { minLength: 1 }) })
  .map((each): [Packet, object] => [
    { cmd: 'subscribe', ...each },
    {
      type: 'SUBSCRIBE',
      packetId: each.messageId,
      subscriptions: each.subscriptions.map(({ topic: filter, qos }) => ({ filter, qos })),
    },
  ]);
const unsubscribe = fc
  .record({ messageId, unsubscriptions: fc.array(topic, { minLength: 1 }) })
  .map((each): [Packet, object] => [
    { cmd: 'unsubscribe', ...each },
    { type: 'UNSUBSCRIBE', packetId: each.messageId, filters: each.unsubscriptions },
  ]);
const acknowledgement = fc
  .record({
    cmd: fc.constantFrom('puback' as const, 'pubrec' as const, 'pubrel' as const, 'pubcomp' as const),
    messageId,
  })
  .map((each): [Packet, object] => [each, { type: each.cmd.toUpperCase(), packetId: each.messageId }]);
const suback = fc
  .record({ messageId, granted: fc.array(fc.constantFrom(0, 1, 2, 128), { minLength: 1 }) })
  .map((each): [Packet, object] => [
    { cmd: 'suback', ...each },
    { type: 'SUBACK', packetId: each.messageId, codes: each.granted },
  ]);
const short = fc.constantFrom<[Packet, object][]>(
  [{ cmd: 'pingreq' }, { type: 'PINGREQ' }],
  [{ cmd: 'pingresp' }, { type: 'PINGRESP' }],
  [{ cmd: 'disconnect' }, { type: 'DISCONNECT' }],
);
const packet: fc.Arbitrary<[Packet, object]> = fc.oneof(
  publish,
  subscribe,
  unsubscribe,
  acknowledgement,
  suback,
  short,
);

const written = (packet: Packet, protocolVersion: number) => generate(packet, { protocolVersion });

describe('MQTT', () => {
  it.each([3, 4, 5])(
    `reads what mqtt-packet has written for level %d, however it is cut (SEED=${parameters.seed})`,
    (level) => {
      fc.assert(
        fc.property(
          fc.array(packet, { minLength: 1, maxLength: 5 }),
          fc.array(fc.nat(), { maxLength: 6 }),
          (packets, cuts) => {
            const bytes = Uint8Array.from(packets.flatMap(([each]) => [...written(each, level)]));
            const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
            const reader = new MqttReader();
            reader.level = level;
            const read = places.slice(1).map((end, i) => reader.read(bytes.slice(places[i], end)));
            expect(read.map(({ problem }) => problem)).not.toContainEqual(expect.any(String));
            expect(read.flatMap(({ values }) => values)).toMatchObject(packets.map(([, wanted]) => wanted));
            expect(reader.isWithinPacket).toBe(false);
          },
        ),
        parameters,
      );
    },
  );

  it('reads a CONNECT with all that it may have', () => {
    const bytes = written(
      {
        cmd: 'connect',
        protocolVersion: 5,
        clientId: 'boat',
        clean: true,
        keepalive: 60,
        username: 'anna',
        password: Buffer.from('secret'),
        will: { topic: 'gone', payload: Buffer.from('!'), qos: 1, retain: true, properties: { willDelayInterval: 5 } },
        properties: { sessionExpiryInterval: 7, receiveMaximum: 9, userProperties: { a: 'b' } },
      },
      5,
    );
    const reader = new MqttReader();
    expect(reader.read(bytes).values).toMatchObject([
      {
        type: 'CONNECT',
        level: 5,
        cleanStart: true,
        keepAlive: 60,
        clientId: 'boat',
        userName: 'anna',
        will: { topic: 'gone', qos: 1, retain: true, properties: [['Will Delay Interval', 5]] },
        properties: [
          ['Session Expiry Interval', 7],
          ['Receive Maximum', 9],
          ['User Property', ['a', 'b']],
        ],
      },
    ]);
    expect(reader.level).toBe(5);
    const [shown] = mqttDecoder.create().decode(bytes, 'toServer') ?? [];
    expect(shown).toMatchObject({ kind: 'CONNECT', about: 'boat', body: { type: 'text', text: '!' } });
    expect(JSON.stringify(shown)).not.toContain('secret');
    for (let end = 0; end < bytes.length; end++)
      expect(new MqttReader().read(bytes.subarray(0, end))).toEqual({ values: [] });
  });

  it.each([
    ['no type', [0x00, 0]],
    ['flags', [0x11, 0]],
    ['ends too early', [0x20, 1, 0]],
    ['bytes too many', [0x40, 3, 0, 1, 0]],
    ['QoS 3', [0x36, 2, 0, 0]],
    ['no UTF-8', [0x30, 3, 0, 1, 0xff]],
    ['four bytes', [0x30, 0xff, 0xff, 0xff, 0xff, 1]],
    ['more than', [0x30, 0xff, 0xff, 0xff, 0x7f]],
    ['is called', [0x10, 5, 0, 2, 65, 65, 4]],
  ])('says what is wrong: %s', (problem, bytes) => {
    const reader = new MqttReader();
    expect(reader.read(Uint8Array.from(bytes)).problem).toContain(problem);
    expect(reader.read(Uint8Array.of(0xc0, 0)).values).toEqual([{ type: 'PINGREQ' }]);
  });

  it('names codes by version and packet', () => {
    expect(mqttCodeName(0, 'CONNACK', 4)).toBe('Connection Accepted');
    expect(mqttCodeName(128, 'SUBACK', 4)).toBe('Failure');
    expect(mqttCodeName(0x8e, 'DISCONNECT', 5)).toBe('Session taken over');
    expect(mqttCodeName(99, 'CONNACK', 4)).toBeUndefined();
  });

  it('shows a topic where an alias stands for it', () => {
    const decoder = mqttDecoder.create();
    decoder.decode(written({ cmd: 'connect', protocolVersion: 5, clientId: 'a' }, 5), 'toServer');
    const said = (topic: string) => {
      const packet: Packet = {
        cmd: 'publish',
        dup: false,
        qos: 0,
        retain: false,
        topic,
        payload: '1',
        properties: { topicAlias: 3 },
      };
      return decoder.decode(written(packet, 5), 'toServer')?.[0]?.about;
    };
    expect([said('tide/height'), said('')]).toEqual(['tide/height', 'tide/height']);
    expect(decoder.decode('text', 'toServer')).toBeUndefined();
    expect(decoder.decode(Uint8Array.of(0x30, 9, 0), 'toClient')).toMatchObject([{ kind: 'part' }]);
  });

  it('shows of a message that is cut what is there, and begins anew with the next', () => {
    const decoder = mqttDecoder.create();
    const packet = written(
      { cmd: 'publish', dup: false, qos: 0, retain: false, topic: 'a', payload: 'b'.repeat(5000) },
      4,
    );
    expect(decoder.decode(packet.subarray(0, 100), 'toServer', true)).toMatchObject([
      { kind: 'PUBLISH', about: 'a', problem: undefined },
    ]);
    expect(decoder.decode(Uint8Array.of(0xc0, 0), 'toServer')).toMatchObject([{ kind: 'PINGREQ' }]);
  });

  it.each([4, 5] as const)('understands mqtt.js at level %d', async (protocolVersion) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'mqtt' });
    await once(server, 'listening');
    const decoder = mqttDecoder.create();
    const seen: string[] = [];
    const see = (data: MessageData, direction: 'toServer' | 'toClient') => {
      for (const { kind, about = '', problem = '' } of decoder.decode(data, direction) ?? [])
        seen.push(`${kind} ${about}${problem}`.trim());
    };
    server.on('connection', (socket) => {
      const reader = new MqttReader();
      const answer = (packet: Packet) => {
        see(written(packet, protocolVersion), 'toClient');
        socket.send(written(packet, protocolVersion));
      };
      socket.on('message', (data) => {
        if (!(data instanceof Buffer)) return;
        see(data, 'toServer');
        for (const packet of reader.read(data).values) {
          if (packet.type === 'CONNECT')
            answer({ cmd: 'connack', sessionPresent: false, returnCode: 0, reasonCode: 0 });
          if (packet.type === 'SUBSCRIBE') answer({ cmd: 'suback', messageId: packet.packetId, granted: [1] });
          if (packet.type === 'PUBLISH' && packet.packetId) answer({ cmd: 'puback', messageId: packet.packetId });
        }
      });
    });
    const address = server.address();
    if (typeof address === 'string' || address === null) throw new Error('no port');
    const client = await mqtt.connectAsync(`ws://127.0.0.1:${address.port}`, { protocolVersion, clientId: 'boat' });
    await client.subscribeAsync('tide/#', { qos: 1 });
    await client.publishAsync('tide/height', '3.2', { qos: 1 });
    await client.endAsync();
    for (const socket of server.clients) socket.terminate();
    server.close();
    // mqtt.js on Node sends a packet in several messages.
    expect(seen.filter((each) => each !== 'part')).toEqual([
      'CONNECT boat',
      'CONNACK',
      'SUBSCRIBE tide/#',
      'SUBACK',
      'PUBLISH tide/height',
      'PUBACK',
      'DISCONNECT',
    ]);
  });
});
