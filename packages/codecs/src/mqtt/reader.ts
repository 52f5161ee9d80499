import { Cursor } from '../cursor.ts';
import { MAX_PACKETS, type Readings } from '../reading.ts';
import { Remainder } from '../remainder.ts';
import type { MqttPacket } from './packets.ts';
import { readMqttPacket, readVarint } from './read-packet.ts';

// MQTT as one side of a WebSocket hears it. 6.0.0: a message has one packet, or several, or a part of one.

/** Bytes of a packet. A longer one is a problem, and nothing behind it can be read. */
const MAX_PACKET = 64 * 1024 * 1024;

/** Reads what one side sends, message by message. */
export class MqttReader {
  /** 3, 4 or 5. A CONNECT sets it; whoever reads the server's side sets it from the client's. */
  level = 4;
  readonly #rest = new Remainder();

  /** Whether a packet has begun that goes on in the next message. */
  get isWithinPacket(): boolean {
    return this.#rest.length > 0;
  }

  /** The packets that end in this message. After a problem in framing it begins anew with the next. Never throws. */
  read(data: Uint8Array): Readings<MqttPacket> {
    const bytes = this.#rest.join(data);
    const values: MqttPacket[] = [];
    let at = 0;
    let problem: string | undefined;
    while (at < bytes.length && problem === undefined) {
      const extent = extentOf(bytes.subarray(at, at + 5));
      if (typeof extent === 'string') return { values, problem: this.#giveUp(extent) };
      if (extent === undefined || extent.end > bytes.length - at) break;
      if (values.length === MAX_PACKETS)
        return { values, problem: this.#giveUp(`more than ${MAX_PACKETS} packets in a message`) };
      const read = readMqttPacket(bytes[at] ?? 0, bytes.subarray(at + extent.start, at + extent.end), this.level);
      problem = read.problem;
      if (read.value !== undefined) values.push(read.value);
      if (read.value?.type === 'CONNECT') this.level = read.value.level;
      at += extent.end;
    }
    this.#rest.keep(bytes, at);
    return problem === undefined ? { values } : { values, problem: this.#giveUp(problem) };
  }

  /** Forgets what waits for more, because that does not come. A PUBLISH with a part of its payload, if it was one. */
  abandon(): MqttPacket | undefined {
    const bytes = this.#rest.join(new Uint8Array(0));
    this.#rest.forget();
    const extent = extentOf(bytes.subarray(0, 5));
    if (extent === undefined || typeof extent === 'string') return undefined;
    const { value } = readMqttPacket(bytes[0] ?? 0, bytes.subarray(extent.start), this.level);
    return value?.type === 'PUBLISH' ? value : undefined;
  }

  #giveUp(problem: string): string {
    this.#rest.forget();
    return problem;
  }
}

/** Where a packet's body begins and ends; `undefined` if that has not come yet. */
function extentOf(head: Uint8Array): { start: number; end: number } | string | undefined {
  const cursor = new Cursor(head.subarray(1));
  const length = readVarint(cursor);
  if (cursor.problem !== undefined) return head.length < 5 ? undefined : cursor.problem;
  if (length > MAX_PACKET) return `a packet of more than ${MAX_PACKET} bytes`;
  const start = 1 + cursor.at;
  return { start, end: start + length };
}
