import type { ConnectionJson, InspectorMessage, MessageJson } from '@tidewire/inspector/recording';

/** When everything begins, in milliseconds since 1970. */
export const T0 = Date.UTC(2026, 0, 1);

export function connection(id: number, more: Partial<ConnectionJson> = {}): ConnectionJson {
  return {
    id,
    openedAt: T0,
    url: 'ws://localhost:3000/feed',
    source: 'ws://localhost:3000',
    request: { method: 'GET', httpVersion: '1.1', headers: [] },
    response: { status: 101, headers: [] },
    subprotocol: '',
    extensions: '',
    ...more,
  };
}

export const ended = { at: T0 + 5000, code: 1000, reason: '', wasClean: true, by: 'client' } as const;

/** A text message of connection 1, at a tenth of a second for each `seq`. */
export function message(seq: number, more: Partial<MessageJson> = {}): MessageJson {
  const data = more.bytes === undefined ? (more.data ?? `message ${seq}`) : undefined;
  const length = data === undefined ? Buffer.from(more.bytes ?? '', 'base64').length : Buffer.byteLength(data);
  return {
    seq,
    connection: 1,
    at: T0 + seq * 100,
    direction: seq % 2 === 0 ? 'toClient' : 'toServer',
    opcode: data === undefined ? 2 : 1,
    frames: 1,
    compressed: false,
    masked: seq % 2 !== 0,
    wireLength: length + 6,
    length,
    isCut: false,
    fate: 'forwarded',
    ...(data === undefined ? {} : { data }),
    ...more,
  };
}

export function messages(from: number, to: number, more: Partial<MessageJson> = {}): MessageJson[] {
  return Array.from({ length: to - from + 1 }, (_, index) => message(from + index, more));
}

export function news(
  connections: readonly ConnectionJson[],
  told: readonly MessageJson[],
  more: { fellOut?: number; missed?: number } = {},
): InspectorMessage {
  return { type: 'news', connections, messages: told, fellOut: 0, missed: 0, ...more };
}

/** All up to this `seq`, and connections but these. */
export function cleared(through: number, connections: readonly number[] = []): InspectorMessage {
  return { type: 'cleared', through, connections };
}
