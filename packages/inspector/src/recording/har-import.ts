import { Fields } from './fields.ts';
import type { ConnectionRecord, HeaderPairs, MessageRecord, Recording } from './model.ts';
import { LATEST, parseDetails, parseEnd, parseMessage, parseTime } from './parse-records.ts';
import { plainMessage } from './plain-message.ts';
import { fromBase64 } from './wire.ts';

// Reads HARs: those of Chrome and Playwright, which have messages in `_webSocketMessages`; those of Firefox, which have none, so that
// there is nothing but the handshakes; and our own. Requests that are no WebSockets are skipped.

export interface HarContent extends Recording {
  /** Entries that are no WebSockets. */
  readonly skipped: number;
}

/** What our own name as their creator. */
export const creatorName = 'Tidewire';

/** @throws RecordingError that says where it is no HAR */
export function fromHar(har: unknown): HarContent {
  const log = new Fields(har, '').object('log');
  const source = log.optionalObject('creator')?.optionalText('name') ?? 'HAR';
  const connections: ConnectionRecord[] = [];
  const messages: MessageRecord[] = [];
  let skipped = 0;
  for (const entry of log.objects('entries')) {
    if (!isWebSocket(entry)) {
      skipped += 1;
      continue;
    }
    const id = connections.length + 1;
    const { connection, its } = readEntry(entry, id, source);
    connections.push(connection);
    for (const each of its) messages.push(each);
  }
  // Our own are numbered over all connections; others only within theirs.
  if (source === creatorName) messages.sort((one, other) => one.seq - other.seq);
  else messages.sort((one, other) => one.at - other.at);
  return { connections, messages: messages.map((message, index) => ({ ...message, seq: index + 1 })), skipped };
}

function isWebSocket(entry: Fields): boolean {
  const url = entry.object('request').text('url');
  if (/^wss?:\/\//i.test(url) || entry.value('_webSocketMessages') !== undefined) return true;
  if (entry.value('_resourceType') === 'websocket') return true;
  return entry.object('response').value('status') === 101 && /^https?:\/\//i.test(url);
}

function readEntry(entry: Fields, id: number, creator: string) {
  const request = entry.object('request');
  const response = entry.object('response');
  const headers = readHeaders(response);
  const status = response.integer('status', -1, 999);
  const own = entry.optionalObject('_tidewire');
  const from = own?.optionalText('from');
  const end = own?.optionalObject('end');
  const openedAt = own === undefined ? readDate(entry) : parseTime(own, 'openedAt');
  const connection: ConnectionRecord = {
    id,
    openedAt,
    url: readUrl(request),
    source: own?.text('source') ?? creator,
    ...(from === undefined ? {} : { from }),
    request: {
      method: request.text('method'),
      httpVersion: request.optionalText('httpVersion') ?? '',
      headers: readHeaders(request),
    },
    // Browsers write 0 or -1 where no answer came.
    ...(status <= 0 ? {} : { response: { status, headers } }),
    subprotocol: own?.text('subprotocol') ?? headerOf(headers, 'sec-websocket-protocol'),
    extensions: own?.text('extensions') ?? headerOf(headers, 'sec-websocket-extensions'),
    ...(end === undefined ? {} : { end: parseEnd(end) }),
  };
  const frames = (own?.objects('controlFrames') ?? []).map((frame) => ({ ...parseMessage(frame), connection: id }));
  return { connection, its: [...readMessages(entry, id, openedAt), ...frames] };
}

function readMessages(entry: Fields, connection: number, openedAt: number): MessageRecord[] {
  if (entry.value('_webSocketMessages') === undefined) return [];
  return entry
    .objects('_webSocketMessages')
    .filter((message) => message.value('type') !== 'error')
    .map((message) => readMessage(message, connection, openedAt));
}

function readMessage(message: Fields, connection: number, openedAt: number): MessageRecord {
  const direction = message.oneOf('type', ['send', 'receive']) === 'send' ? 'toServer' : 'toClient';
  const opcode = message.oneOf('opcode', [1, 2, 8, 9, 10]);
  const text = message.text('data');
  const data = opcode === 1 ? text : readBytes(message, text);
  const own = message.optionalObject('_tidewire');
  const record = plainMessage({ seq: 1, connection, at: readTime(message, openedAt), direction, data });
  return own === undefined ? { ...record, opcode } : { ...record, opcode, ...parseDetails(own) };
}

/** Chrome writes seconds, Playwright milliseconds, and -1 where it was told to leave times out. */
function readTime(message: Fields, openedAt: number): number {
  const time = message.number('time', -1);
  if (time < 0) return openedAt;
  // To the microsecond. In seconds this would be in the year 5138, in milliseconds it was in March of 1973.
  const at = Math.round(time > 1e11 ? time * 1000 : time * 1_000_000) / 1000;
  return at <= LATEST ? at : message.fail('time', 'must be seconds since 1970');
}

function readDate(entry: Fields): number {
  const time = Date.parse(entry.text('startedDateTime'));
  return Number.isNaN(time) ? entry.fail('startedDateTime', 'must be a date, such as 2026-01-31T12:00:00.000Z') : time;
}

function readUrl(request: Fields): string {
  const url = request.text('url').replace(/^http(?=s?:\/\/)/i, 'ws');
  return /^wss?:\/\//i.test(url) ? url : request.fail('url', 'must begin with ws://, wss://, http:// or https://');
}

function readHeaders(owner: Fields): HeaderPairs {
  return owner.objects('headers').map((header) => [header.text('name'), header.text('value')]);
}

function readBytes(message: Fields, base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch {
    return message.fail('data', 'must be in base64, because opcode is not 1');
  }
}

function headerOf(headers: HeaderPairs, name: string): string {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1] ?? '';
}
