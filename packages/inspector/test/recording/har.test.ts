import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLinesOf, RecordingError, readRecording, toHar } from '../../src/recording/index.ts';
import { connectionOf, messageOf, recordings } from './support.ts';

const at = 1_790_000_000_123.456;
const recording = {
  connections: [
    connectionOf({ from: '192.0.2.1', end: { at, code: 1000, reason: '', wasClean: true, by: 'client' } }),
    connectionOf({ id: 2, response: { status: 403, headers: [] } }),
  ],
  messages: [
    messageOf({ at, data: 'Grüße' }),
    messageOf({ seq: 2, at: at + 1, direction: 'toClient', masked: false, data: Uint8Array.of(0, 1, 254) }),
    messageOf({ seq: 3, at: at + 2, opcode: 9, data: Uint8Array.of(1) }),
  ],
};

/** An entry as browsers write it. */
function entryOf(changes: object = {}, response: object = {}) {
  return {
    startedDateTime: '2026-11-21T22:41:59.000+01:00',
    time: 100,
    request: {
      method: 'GET',
      url: 'wss://example.com/feed',
      httpVersion: 'HTTP/1.1',
      headers: [{ name: 'Sec-WebSocket-Version', value: '13' }],
    },
    response: {
      status: 101,
      statusText: 'Switching Protocols',
      headers: [{ name: 'sec-websocket-protocol', value: 'v2' }],
      ...response,
    },
    ...changes,
  };
}

const harOf = (entries: object[], creator = 'WebInspector') =>
  JSON.stringify({ log: { version: '1.2', creator: { name: creator, version: '1' }, entries } });

describe('a recording as a HAR', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(recordings, (each) => {
        expect(readRecording(toHar(each, '1.0.0'))).toEqual({ ...each, format: 'har', isCutOff: false, skipped: 0 });
      }),
    );
  });

  it('has the messages where Chrome has them: seconds, opcode, and base64 for what is no text; control frames apart', () => {
    const [entry] = JSON.parse(toHar(recording, '1.0.0')).log.entries;
    expect(entry._resourceType).toBe('websocket');
    expect(entry._webSocketMessages).toEqual([
      expect.objectContaining({ type: 'send', time: at / 1000, opcode: 1, data: 'Grüße' }),
      expect.objectContaining({ type: 'receive', time: 1_790_000_000.124456, opcode: 2, data: 'AAH+' }),
    ]);
    expect(entry._tidewire.controlFrames).toHaveLength(1);
    expect(entry.response.status).toBe(101);
    expect(entry.request.queryString).toEqual([{ name: 'room', value: 'lobby' }]);
  });

  it('has what the imports of browsers insist on', () => {
    const { log } = JSON.parse(toHar(recording, '1.0.0'));
    expect(log).toMatchObject({ version: '1.2', creator: { name: 'Tidewire', version: '1.0.0' } });
    const pages = new Map(log.pages.map((page: { id: string }) => [page.id, page]));
    for (const entry of log.entries) {
      // Firefox looks the page up, and adds up all timings.
      expect(pages.get(entry.pageref)).toMatchObject({ pageTimings: { onContentLoad: -1, onLoad: -1 } });
      expect(Object.keys(entry.timings)).toEqual(expect.arrayContaining(['send', 'wait', 'receive']));
      // Chrome wants numbers and a date.
      const { request, response } = entry;
      const numbers = [entry.time, request.headersSize, request.bodySize, response.status, response.bodySize];
      expect([...numbers, response.headersSize, response.content.size].every(Number.isFinite)).toBe(true);
      expect(new Date(entry.startedDateTime).toISOString()).toBe(entry.startedDateTime);
      expect(response.content.mimeType).toBe('x-unknown');
    }
  });
});

describe('a HAR of', () => {
  it('Chrome has its messages in seconds, and its errors are left out', () => {
    const _webSocketMessages = [
      { type: 'send', time: 1_790_000_000.5, opcode: 1, data: 'a' },
      { type: 'receive', time: 1_790_000_000.25, opcode: 2, data: 'AAE=' },
      {
        type: 'error',
        time: 1_790_000_001,
        opcode: -1,
        data: 'Connection closed before receiving a handshake response',
      },
    ];
    const html = entryOf({ request: { method: 'GET', url: 'https://example.com/', headers: [] } }, { status: 200 });
    const { connections, messages, skipped } = readRecording(
      harOf([html, entryOf({ _resourceType: 'websocket', _webSocketMessages })]),
    );
    expect(skipped).toBe(1);
    expect(connections).toEqual([
      {
        id: 1,
        openedAt: Date.parse('2026-11-21T21:41:59Z'),
        url: 'wss://example.com/feed',
        source: 'WebInspector',
        request: { method: 'GET', httpVersion: 'HTTP/1.1', headers: [['Sec-WebSocket-Version', '13']] },
        response: { status: 101, headers: [['sec-websocket-protocol', 'v2']] },
        subprotocol: 'v2',
        extensions: '',
      },
    ]);
    expect(messages).toEqual([
      messageOf({
        ...{ seq: 1, at: 1_790_000_000_250, direction: 'toClient', data: Uint8Array.of(0, 1) },
        ...{ masked: false, wireLength: 4 },
      }),
      messageOf({ seq: 2, at: 1_790_000_000_500, data: 'a', wireLength: 7 }),
    ]);
  });

  it('Playwright has its messages in milliseconds, or without times', () => {
    const message = (time: number) => ({ type: 'send', time, opcode: 1, data: 'a' });
    const entry = entryOf({ _webSocketMessages: [message(1_790_000_000_500), message(-1)] }, { status: -1 });
    const { connections, messages } = readRecording(harOf([entry], 'Playwright'));
    expect(messages.map(({ at }) => at)).toEqual([1_790_000_000_500, connections[0]?.openedAt]);
    expect(connections[0]).not.toHaveProperty('response');
  });

  it('Firefox has handshakes without messages', () => {
    const refused = entryOf({}, { status: 403 });
    const { connections, messages, skipped } = readRecording(harOf([entryOf(), refused], 'Firefox'));
    expect(connections.map(({ source, response }) => [source, response?.status])).toEqual([
      ['Firefox', 101],
      ['Firefox', 403],
    ]);
    expect([messages, skipped]).toEqual([[], 0]);
  });

  it('a proxy that writes http: for a WebSocket is understood', () => {
    const entry = entryOf({ request: { method: 'GET', url: 'https://example.com/a', headers: [] } });
    expect(readRecording(harOf([entry])).connections[0]?.url).toBe('wss://example.com/a');
  });

  it('requests that are no WebSockets has none, and says how many it skipped', () => {
    const page = entryOf({ request: { method: 'GET', url: 'https://example.com/', headers: [] } }, { status: 200 });
    expect(readRecording(harOf([page, page]))).toMatchObject({ connections: [], messages: [], skipped: 2 });
  });
});

describe('what is no recording is an error that says what would be right:', () => {
  const messages = (changes: object) =>
    harOf([entryOf({ _webSocketMessages: [{ type: 'send', time: 1, opcode: 1, data: '', ...changes }] })]);
  it.each<[what: string, text: string, words: RegExp]>([
    ['nothing', ' \n', /is empty/],
    ['text', 'hello\nthere', /is no recording: it must be a HAR, or lines of JSON/],
    ['other JSON', '{"a":1}', /is no recording/],
    ['a list', '[1]', /is no recording/],
    ['a HAR that was cut off', harOf([entryOf()]).slice(0, -10), /begins as a HAR, but is not whole/],
    ['no log', '{"log":[]}', /^log must be an object$/],
    ['no entries', '{"log":{}}', /^log\.entries must be a list$/],
    ['an entry without a request', '{"log":{"entries":[{}]}}', /^log\.entries\[0\]\.request must be an object$/],
    ['a date', harOf([entryOf({ startedDateTime: 'today' })]), /entries\[0\]\.startedDateTime must be a date/],
    ['a type', messages({ type: 'sent' }), /_webSocketMessages\[0\]\.type must be "send", "receive"/],
    ['a time', messages({ time: 'now' }), /_webSocketMessages\[0\]\.time must be a number from -1 on/],
    ['a time that no date has', messages({ time: 1e99 }), /time must be seconds since 1970/],
    ['bytes', messages({ opcode: 2, data: '*' }), /data must be in base64, because opcode is not 1/],
    ['headers', harOf([entryOf({}, { headers: [{ name: 'a' }] })]), /response\.headers\[0\]\.value must be text/],
  ])('%s', (_what, text, words) => {
    expect(() => readRecording(text)).toThrow(RecordingError);
    expect(() => readRecording(text)).toThrow(words);
  });

  it('both kinds are told apart, also with a byte order mark', () => {
    expect(readRecording(`\uFEFF${toHar(recording, '1')}`).format).toBe('har');
    expect(readRecording(`\uFEFF${[...jsonLinesOf(recording)].join('')}`).format).toBe('jsonl');
  });
});
