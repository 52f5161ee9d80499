import { Cursor } from '../cursor.ts';
import type { Reading } from '../reading.ts';
import { packetTypes, properties } from './names.ts';
import type {
  MqttConnect,
  MqttPacket,
  MqttProperties,
  MqttPropertyValue,
  MqttSubscription,
  MqttWill,
  QoS,
} from './packets.ts';

// One packet of MQTT, from its first byte and what follows the remaining length.

/**
 * @param first the packet's first byte: type and flags
 * @param level the version as CONNECT has it: 3, 4 or 5
 */
export function readMqttPacket(first: number, body: Uint8Array, level: number): Reading<MqttPacket> {
  const type = packetTypes[first >> 4];
  if (type === undefined) return { problem: 'no packet of MQTT: it has no type' };
  const flags = first & 15;
  const wanted = type === 'PUBREL' || type === 'SUBSCRIBE' || type === 'UNSUBSCRIBE' ? 2 : 0;
  // 2.1.3: reserved flags MUST be as listed; MQTT 3.1 had DUP and QoS there.
  if (type !== 'PUBLISH' && flags !== wanted && level > 3) return { problem: `${type} with flags ${flags}` };
  const cursor = new Cursor(body);
  const packet = readBody(type, flags, cursor, level);
  if (cursor.problem === undefined && !cursor.isAtEnd) cursor.fail(`${cursor.left} bytes too many`);
  return cursor.problem === undefined ? { value: packet } : { problem: `${type}: ${cursor.problem}` };
}

function readBody(type: MqttPacket['type'], flags: number, cursor: Cursor, level: number): MqttPacket {
  switch (type) {
    case 'CONNECT':
      return readConnect(cursor);
    case 'CONNACK': {
      const sessionPresent = (cursor.byte() & 1) === 1;
      return { type, sessionPresent, code: cursor.byte(), properties: readProperties(cursor, level) };
    }
    case 'PUBLISH':
      return readPublish(flags, cursor, level);
    case 'SUBSCRIBE': {
      const packetId = cursor.uint16();
      const read = readProperties(cursor, level);
      return { type, packetId, properties: read, subscriptions: untilEnd(cursor, () => readSubscription(cursor)) };
    }
    case 'UNSUBSCRIBE': {
      const packetId = cursor.uint16();
      const read = readProperties(cursor, level);
      return { type, packetId, properties: read, filters: untilEnd(cursor, () => readText(cursor)) };
    }
    case 'SUBACK':
    case 'UNSUBACK': {
      const packetId = cursor.uint16();
      const read = readProperties(cursor, level);
      return { type, packetId, properties: read, codes: untilEnd(cursor, () => cursor.byte()) };
    }
    case 'PINGREQ':
    case 'PINGRESP':
      return { type };
    case 'DISCONNECT':
    case 'AUTH':
      return { type, ...readReason(cursor, level) };
    default:
      return { type, packetId: cursor.uint16(), ...readReason(cursor, level) };
  }
}

/** 3.4.2.1 and the like: of version 5 both may be left out. */
function readReason(cursor: Cursor, level: number): { code: number; properties: MqttProperties } {
  const code = level >= 5 && !cursor.isAtEnd ? cursor.byte() : 0;
  return { code, properties: level >= 5 && !cursor.isAtEnd ? readProperties(cursor, level) : [] };
}

function readConnect(cursor: Cursor): MqttConnect {
  const name = readText(cursor);
  // The bridge of mosquitto sets the highest bit.
  const level = cursor.byte() & 0x7f;
  if (name !== (level === 3 ? 'MQIsdp' : 'MQTT'))
    cursor.fail(`the protocol is called ${JSON.stringify(name.slice(0, 20))}`);
  const flags = cursor.byte();
  const keepAlive = cursor.uint16();
  const read = readProperties(cursor, level);
  const clientId = readText(cursor);
  const will = (flags & 4) === 0 ? undefined : readWill(flags, cursor, level);
  const userName = (flags & 128) === 0 ? undefined : readText(cursor);
  const password = (flags & 64) === 0 ? undefined : readBytes(cursor);
  const cleanStart = (flags & 2) !== 0;
  return { type: 'CONNECT', level, cleanStart, keepAlive, clientId, will, userName, password, properties: read };
}

function readWill(flags: number, cursor: Cursor, level: number): MqttWill {
  const read = readProperties(cursor, level);
  const topic = readText(cursor);
  return {
    topic,
    payload: readBytes(cursor),
    qos: qosOf(flags >> 3, cursor),
    retain: (flags & 32) !== 0,
    properties: read,
  };
}

function readPublish(flags: number, cursor: Cursor, level: number): MqttPacket {
  const qos = qosOf(flags >> 1, cursor);
  const topic = readText(cursor);
  const packetId = qos === 0 ? undefined : cursor.uint16();
  const read = readProperties(cursor, level);
  const payload = cursor.take(cursor.left);
  return {
    type: 'PUBLISH',
    dup: (flags & 8) !== 0,
    qos,
    retain: (flags & 1) !== 0,
    topic,
    packetId,
    properties: read,
    payload,
  };
}

function readSubscription(cursor: Cursor): MqttSubscription {
  const filter = readText(cursor);
  const options = cursor.byte();
  return {
    filter,
    qos: qosOf(options, cursor),
    noLocal: (options & 4) !== 0,
    retainAsPublished: (options & 8) !== 0,
    retainHandling: (options >> 4) & 3,
  };
}

function qosOf(bits: number, cursor: Cursor): QoS {
  const qos = bits & 3;
  if (qos === 1 || qos === 2) return qos;
  if (qos === 3) cursor.fail('QoS 3');
  return 0;
}

function readText(cursor: Cursor): string {
  return cursor.text(cursor.uint16());
}

function readBytes(cursor: Cursor): Uint8Array {
  return cursor.take(cursor.uint16());
}

/** Of filters, codes or properties in a packet. */
const MAX_ENTRIES = 10_000;

/** At least one byte is used each time, or the cursor is at its end. */
function untilEnd<T>(cursor: Cursor, read: () => T): readonly T[] {
  const all: T[] = [];
  while (!cursor.isAtEnd) {
    if (all.length === MAX_ENTRIES) cursor.fail(`more than ${MAX_ENTRIES} entries`);
    else all.push(read());
  }
  return all;
}

/** 1.5.5: four bytes at most. */
export function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = cursor.byte();
    value += (byte & 127) << shift;
    if (byte < 128) return value;
  }
  cursor.fail('a length of more than four bytes');
  return 0;
}

function readProperties(cursor: Cursor, level: number): MqttProperties {
  if (level < 5 || cursor.problem !== undefined) return [];
  const part = new Cursor(cursor.take(readVarint(cursor)));
  const read = untilEnd(part, () => readProperty(part));
  if (part.problem !== undefined) cursor.fail(`properties: ${part.problem}`);
  return read;
}

function readProperty(cursor: Cursor): MqttProperties[number] {
  const number = readVarint(cursor);
  const [name, form] = properties.get(number) ?? [];
  if (name === undefined || form === undefined) cursor.fail(`there is no property ${number}`);
  return [name ?? '', form === undefined ? 0 : readers[form](cursor)];
}

const readers: Record<NonNullable<ReturnType<typeof properties.get>>[1], (cursor: Cursor) => MqttPropertyValue> = {
  byte: (cursor) => cursor.byte(),
  uint16: (cursor) => cursor.uint16(),
  uint32: (cursor) => cursor.uint32(),
  varint: readVarint,
  text: readText,
  bytes: readBytes,
  pair: (cursor) => [readText(cursor), readText(cursor)],
};
