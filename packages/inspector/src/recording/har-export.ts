import { creatorName } from './har-import.ts';
import type { ConnectionRecord, HeaderPairs, MessageRecord, Recording } from './model.ts';
import { type MessageJson, messageToJson, toBase64 } from './wire.ts';

// A recording as a HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), with the messages where Chrome writes them, and
// with all that its import and that of Firefox insist on: Firefox wants a page for each entry, Chrome numbers wherever the format
// has some. What a HAR has no place for is in `_tidewire`, so that nothing is lost on the way out and back in.

/** Chrome's: `time` is in seconds since 1970, and `data` in base64 unless the opcode is 1. */
interface HarMessage {
  readonly type: 'send' | 'receive';
  readonly time: number;
  readonly opcode: number;
  readonly data: string;
  readonly _tidewire: Omit<MessageJson, 'data' | 'bytes' | 'at' | 'connection' | 'direction' | 'opcode'>;
}

const PAGE = 'page_1';

/** The text of a HAR file. @param version of the program that writes it */
export function toHar({ connections, messages }: Recording, version: string): string {
  const byConnection = new Map<number, MessageRecord[]>(connections.map(({ id }) => [id, []]));
  for (const message of messages) byConnection.get(message.connection)?.push(message);
  const first = connections.reduce((least, { openedAt }) => Math.min(least, openedAt), Number.POSITIVE_INFINITY);
  const page = {
    startedDateTime: toDate(Number.isFinite(first) ? first : 0),
    id: PAGE,
    title: connections[0]?.url ?? '',
    pageTimings: { onContentLoad: -1, onLoad: -1 },
  };
  const entries = connections.map((connection) => toEntry(connection, byConnection.get(connection.id) ?? []));
  const log = { version: '1.2', creator: { name: creatorName, version }, pages: [page], entries };
  return `${JSON.stringify({ log }, null, 2)}\n`;
}

function toEntry(connection: ConnectionRecord, messages: readonly MessageRecord[]): object {
  const { request, response, url, openedAt, from, end, id, source, subprotocol, extensions } = connection;
  const last = end?.at ?? messages.at(-1)?.at ?? openedAt;
  const time = Math.max(0, last - openedAt);
  const data = messages.filter(({ opcode }) => opcode <= 2);
  return {
    pageref: PAGE,
    startedDateTime: toDate(openedAt),
    time,
    request: {
      method: request.method,
      url,
      httpVersion: request.httpVersion,
      headers: toHeaders(request.headers),
      queryString: toQuery(url),
      cookies: [],
      headersSize: -1,
      bodySize: 0,
    },
    response: {
      status: response?.status ?? 0,
      statusText: response?.status === 101 ? 'Switching Protocols' : '',
      httpVersion: response === undefined ? '' : request.httpVersion,
      headers: toHeaders(response?.headers ?? []),
      cookies: [],
      content: { size: 0, mimeType: 'x-unknown' },
      redirectURL: '',
      headersSize: -1,
      bodySize: -1,
      _transferSize: messages.reduce(
        (sum, { direction, wireLength }) => (direction === 'toClient' ? sum + wireLength : sum),
        0,
      ),
      _error: end?.error ?? null,
    },
    cache: {},
    timings: { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0, wait: 0, receive: time },
    _resourceType: 'websocket',
    _webSocketMessages: data.map(toMessage),
    _tidewire: {
      id,
      openedAt,
      source,
      from,
      subprotocol,
      extensions,
      end,
      // Other programs take every message for one of the application.
      controlFrames: messages.filter(({ opcode }) => opcode > 2).map(messageToJson),
    },
  };
}

function toMessage(record: MessageRecord): HarMessage {
  const { data, bytes, at, connection, direction, opcode, ...rest } = messageToJson(record);
  return {
    type: direction === 'toServer' ? 'send' : 'receive',
    time: Math.round(at * 1000) / 1_000_000,
    opcode,
    data: typeof record.data === 'string' ? record.data : toBase64(record.data),
    _tidewire: rest,
  };
}

function toHeaders(headers: HeaderPairs): object[] {
  return headers.map(([name, value]) => ({ name, value }));
}

/** As it stands in the URL: nothing is decoded, so that nothing that was masked is spelt in another way. */
function toQuery(url: string): object[] {
  const [, query = ''] = /\?([^#]*)/.exec(url) ?? [];
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? { name: pair, value: '' } : { name: pair.slice(0, at), value: pair.slice(at + 1) };
    });
}

function toDate(time: number): string {
  return new Date(time).toISOString();
}
