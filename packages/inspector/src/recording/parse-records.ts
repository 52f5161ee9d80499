import type { Fields } from './fields.ts';
import type { ConnectionEnd, ConnectionRecord, Fate, HeaderPairs, MessageData, MessageRecord } from './model.ts';
import { fromBase64 } from './wire.ts';

// Records as they come from a file: nothing of them is believed unseen.

const fates: readonly Fate[] = ['forwarded', 'held', 'delayed', 'edited', 'dropped', 'injected'];
const opcodes = [1, 2, 8, 9, 10] as const;

/** The largest time that a Date can have, in milliseconds since 1970. */
export const LATEST = 8.64e15;

/** @throws RecordingError */
export function parseConnection(fields: Fields): ConnectionRecord {
  const request = fields.object('request');
  const response = fields.optionalObject('response');
  const end = fields.optionalObject('end');
  const from = fields.optionalText('from');
  return {
    id: fields.integer('id', 1),
    openedAt: parseTime(fields, 'openedAt'),
    url: parseUrl(fields, 'url'),
    source: fields.text('source'),
    ...(from === undefined ? {} : { from }),
    request: {
      method: request.text('method'),
      httpVersion: request.text('httpVersion'),
      headers: parseHeaders(request),
    },
    ...(response === undefined
      ? {}
      : { response: { status: response.integer('status', 0, 999), headers: parseHeaders(response) } }),
    subprotocol: fields.text('subprotocol'),
    extensions: fields.text('extensions'),
    ...(end === undefined ? {} : { end: parseEnd(end) }),
  };
}

/** @throws RecordingError */
export function parseEnd(fields: Fields): ConnectionEnd {
  const error = fields.optionalText('error');
  return {
    at: parseTime(fields, 'at'),
    code: fields.integer('code', 0, 65_535),
    reason: fields.text('reason'),
    wasClean: fields.boolean('wasClean'),
    by: fields.oneOf('by', ['client', 'server', 'inspector']),
    ...(error === undefined ? {} : { error }),
  };
}

/** @throws RecordingError */
export function parseMessage(fields: Fields): MessageRecord {
  return {
    connection: fields.integer('connection', 1),
    at: parseTime(fields, 'at'),
    direction: fields.oneOf('direction', ['toServer', 'toClient']),
    opcode: fields.oneOf('opcode', opcodes),
    data: parseData(fields, 'data', 'bytes') ?? fields.fail('data', 'must be text, or bytes must be in base64'),
    ...parseDetails(fields),
  };
}

/** What there is to a message but where and when it was, and what it said. */
export type MessageDetails = Omit<MessageRecord, 'connection' | 'at' | 'direction' | 'opcode' | 'data'>;

/** @throws RecordingError */
export function parseDetails(fields: Fields): MessageDetails {
  const original = parseData(fields, 'original', 'originalBytes');
  const problem = fields.optionalText('problem');
  return {
    seq: fields.integer('seq', 1),
    frames: fields.integer('frames', 0),
    compressed: fields.boolean('compressed'),
    masked: fields.boolean('masked'),
    wireLength: fields.integer('wireLength', 0),
    length: fields.integer('length', 0),
    isCut: fields.boolean('isCut'),
    fate: fields.oneOf('fate', fates),
    ...(original === undefined ? {} : { original }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** A time in milliseconds since 1970. */
export function parseTime(fields: Fields, name: string): number {
  const time = fields.number(name, 0);
  return time <= LATEST ? time : fields.fail(name, 'must be milliseconds since 1970');
}

/** ws: or wss:. */
function parseUrl(fields: Fields, name: string): string {
  const url = fields.text(name);
  return /^wss?:\/\//i.test(url) ? url : fields.fail(name, 'must begin with ws:// or wss://');
}

function parseHeaders(fields: Fields): HeaderPairs {
  return fields.list('headers').map((each, index) => {
    if (!Array.isArray(each) || each.length !== 2)
      return fields.fail(`headers[${index}]`, 'must be a name and a value');
    const [name, value]: readonly unknown[] = each;
    if (typeof name === 'string' && typeof value === 'string') return [name, value];
    return fields.fail(`headers[${index}]`, 'must be a name and a value');
  });
}

function parseData(fields: Fields, textName: string, bytesName: string): MessageData | undefined {
  const text = fields.optionalText(textName);
  const base64 = fields.optionalText(bytesName);
  if (base64 === undefined) return text;
  if (text !== undefined) fields.fail(textName, `must not be there beside ${bytesName}`);
  try {
    return fromBase64(base64);
  } catch {
    return fields.fail(bytesName, 'must be in base64');
  }
}
