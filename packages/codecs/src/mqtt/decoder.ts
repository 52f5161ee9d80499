import { toHex } from '../beyond-json.ts';
import { withoutItsEnd } from '../cut.ts';
import type { Conversation, Decoded, Decoder, DecoderKind, Direction, MessageData } from '../decoder.ts';
import { bodyOfBytes } from '../text.ts';
import { mqttCodeName } from './names.ts';
import type { MqttConnect, MqttPacket, MqttProperties, MqttPublish } from './packets.ts';
import { MqttReader } from './reader.ts';

// MQTT for a viewer.

type Fields = (readonly [name: string, value: string])[];

/** Aliases that are remembered for a direction. */
const MAX_ALIASES = 1000;

class MqttDecoder implements Decoder {
  readonly #readers = { toServer: new MqttReader(), toClient: new MqttReader() };
  readonly #topics = { toServer: new Map<number, string>(), toClient: new Map<number, string>() };

  decode(data: MessageData, direction: Direction, isCut = false): readonly Decoded[] | undefined {
    if (typeof data === 'string') return undefined;
    const reader = this.#readers[direction];
    const { values, problem } = reader.read(data);
    for (const packet of values) if (packet.type === 'CONNECT') this.#readers.toClient.level = packet.level;
    const decoded = values.map((packet) => this.#shown(packet, direction));
    const cut = isCut ? reader.abandon() : undefined;
    if (cut !== undefined) decoded.push(this.#shown(cut, direction));
    if (problem !== undefined) decoded.push({ kind: 'packet', fields: [], problem });
    else if (decoded.length === 0 && data.length > 0)
      decoded.push({
        kind: 'part',
        fields: [
          ['length', String(data.length)],
          ['packet', 'goes on in the next message'],
        ],
      });
    return isCut ? withoutItsEnd(decoded) : decoded;
  }

  #shown(packet: MqttPacket, direction: Direction): Decoded {
    const { level } = this.#readers[direction];
    if (packet.type === 'CONNECT') return shownConnect(packet);
    if (packet.type === 'PUBLISH') return this.#shownPublish(packet, direction);
    const fields: Fields = [];
    if (packet.type === 'CONNACK') fields.push(['session present', String(packet.sessionPresent)]);
    if ('code' in packet && (packet.type === 'CONNACK' || level >= 5))
      fields.push(['code', codeText(packet.code, packet.type, level)]);
    if ('codes' in packet) for (const code of packet.codes) fields.push(['code', codeText(code, packet.type, level)]);
    if (packet.type === 'SUBSCRIBE')
      for (const each of packet.subscriptions)
        fields.push(['subscription', `${each.filter} (QoS ${each.qos}${optionsOf(each)})`]);
    if (packet.type === 'UNSUBSCRIBE') for (const filter of packet.filters) fields.push(['filter', filter]);
    if ('properties' in packet) fields.push(...fieldsOf(packet.properties));
    const id = 'packetId' in packet ? String(packet.packetId) : undefined;
    return { kind: packet.type, about: aboutOf(packet), id, fields };
  }

  #shownPublish(
    { type, dup, qos, retain, topic, packetId, properties, payload }: MqttPublish,
    direction: Direction,
  ): Decoded {
    const alias = properties.find(([name]) => name === 'Topic Alias')?.[1];
    const topics = this.#topics[direction];
    if (typeof alias === 'number' && topic !== '' && (topics.has(alias) || topics.size < MAX_ALIASES))
      topics.set(alias, topic);
    const about = topic === '' && typeof alias === 'number' ? topics.get(alias) : topic;
    const fields: Fields = [['QoS', String(qos)]];
    if (retain) fields.push(['retain', 'true']);
    if (dup) fields.push(['dup', 'true']);
    fields.push(...fieldsOf(properties));
    return {
      kind: type,
      about,
      id: packetId === undefined ? undefined : String(packetId),
      fields,
      body: bodyOfBytes(payload),
    };
  }
}

const versions = new Map([
  [3, '3.1'],
  [4, '3.1.1'],
  [5, '5.0'],
]);

function shownConnect(packet: MqttConnect): Decoded {
  const { level, cleanStart, keepAlive, clientId, will, userName, password, properties } = packet;
  const fields: Fields = [
    ['version', versions.get(level) ?? String(level)],
    ['clean start', String(cleanStart)],
    ['keep alive', `${keepAlive} s`],
  ];
  if (userName !== undefined) fields.push(['user name', userName]);
  // A viewer's screen is no place for it.
  if (password !== undefined) fields.push(['password', `${password.length} bytes`]);
  if (will !== undefined) {
    fields.push(['will topic', will.topic], ['will QoS', String(will.qos)], ['will retain', String(will.retain)]);
    fields.push(['will payload', `${will.payload.length} bytes`], ...fieldsOf(will.properties));
  }
  fields.push(...fieldsOf(properties));
  return { kind: 'CONNECT', about: clientId, fields, body: will && bodyOfBytes(will.payload) };
}

function aboutOf(packet: MqttPacket): string | undefined {
  if (packet.type === 'SUBSCRIBE') return packet.subscriptions[0]?.filter;
  return packet.type === 'UNSUBSCRIBE' ? packet.filters[0] : undefined;
}

function optionsOf({
  noLocal,
  retainAsPublished,
  retainHandling,
}: {
  noLocal: boolean;
  retainAsPublished: boolean;
  retainHandling: number;
}): string {
  const options = [
    noLocal && ', no local',
    retainAsPublished && ', retain as published',
    retainHandling > 0 && `, retain handling ${retainHandling}`,
  ];
  return options.filter((each) => each !== false).join('');
}

function codeText(code: number, type: string, level: number): string {
  const name = mqttCodeName(code, type, level);
  return name === undefined ? String(code) : `${code}: ${name}`;
}

function fieldsOf(properties: MqttProperties): Fields {
  return properties.map(([name, value]) => {
    if (value instanceof Uint8Array) return [name, toHex(value.subarray(0, 1024))];
    return [name, typeof value === 'object' ? `${value[0]}: ${value[1]}` : String(value)];
  });
}

function recognise({ subprotocol, messages }: Conversation): number {
  if (/^mqtt(?:v3\.1(?:\.1)?)?$/.test(subprotocol)) return 1;
  const first = messages.find(({ direction }) => direction === 'toServer')?.data;
  if (first === undefined || typeof first === 'string') return 0;
  const name = String.fromCharCode(...first.subarray(2, 13));
  return first[0] === 0x10 && (name.includes('MQTT') || name.includes('MQIsdp')) ? 0.98 : 0;
}

export const mqttDecoder: DecoderKind = {
  name: 'mqtt',
  title: 'MQTT',
  recognise,
  create: () => new MqttDecoder(),
};
