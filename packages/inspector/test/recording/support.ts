import fc from 'fast-check';
import type { ConnectionRecord, MessageRecord, Recording } from '../../src/recording/index.ts';

// Records for the tests of files, made up by hand and at random.

const OPENED = 1_790_000_000_000;

export function connectionOf(changes: Partial<ConnectionRecord> = {}): ConnectionRecord {
  return {
    id: 1,
    openedAt: OPENED,
    url: 'wss://example.com/chat?room=lobby',
    source: 'ws://localhost:3000',
    request: { method: 'GET', httpVersion: 'HTTP/1.1', headers: [['Host', 'example.com']] },
    response: { status: 101, headers: [['Upgrade', 'websocket']] },
    subprotocol: '',
    extensions: '',
    ...changes,
  };
}

export function messageOf(changes: Partial<MessageRecord> = {}): MessageRecord {
  const data = changes.data ?? 'hello';
  const length = typeof data === 'string' ? new TextEncoder().encode(data).length : data.length;
  return {
    seq: 1,
    connection: 1,
    at: OPENED + 10,
    direction: 'toServer',
    opcode: typeof data === 'string' ? 1 : 2,
    frames: 1,
    compressed: false,
    masked: true,
    wireLength: length + 6,
    length,
    data,
    isCut: false,
    fate: 'forwarded',
    ...changes,
  };
}

/** Without surrogates that stand alone: JSON has them, UTF-8 does not. */
const text = fc.string({ unit: 'grapheme', maxLength: 30 });
/** To the microsecond, which is what a HAR keeps. */
const time = fc.integer({ min: 0, max: 10_000_000 }).map((micros) => OPENED + micros / 1000);
const headers = fc.array(fc.tuple(fc.stringMatching(/^[A-Za-z-]{1,10}$/), text), { maxLength: 3 });
const direction = fc.constantFrom('toServer', 'toClient');

const end = fc.record(
  {
    at: time,
    code: fc.constantFrom(1000, 1005, 1006, 4000),
    reason: text,
    wasClean: fc.boolean(),
    by: fc.constantFrom('client', 'server', 'inspector'),
    error: text,
  },
  { requiredKeys: ['at', 'code', 'reason', 'wasClean', 'by'] },
);

const connection = fc.record(
  {
    id: fc.constant(0),
    openedAt: time,
    url: fc.webPath().map((path) => `wss://example.com${path}`),
    source: text,
    from: text,
    request: fc.record({ method: fc.constant('GET'), httpVersion: fc.constant('HTTP/1.1'), headers }),
    response: fc.record({ status: fc.integer({ min: 100, max: 599 }), headers }),
    subprotocol: text,
    extensions: text,
    end,
  },
  { requiredKeys: ['id', 'openedAt', 'url', 'source', 'request', 'subprotocol', 'extensions'] },
);

const content = fc.oneof(
  text.map((data) => ({ opcode: 1, data })),
  fc.record({ opcode: fc.constantFrom(2, 8, 9, 10), data: fc.uint8Array({ maxLength: 40 }) }),
);

const message = fc
  .tuple(
    content,
    fc.record(
      {
        seq: fc.constant(0),
        connection: fc.nat(),
        at: time,
        direction,
        frames: fc.integer({ min: 1, max: 5 }),
        compressed: fc.boolean(),
        masked: fc.boolean(),
        wireLength: fc.nat(),
        length: fc.nat(),
        isCut: fc.boolean(),
        fate: fc.constantFrom('forwarded', 'held', 'delayed', 'edited', 'dropped', 'injected'),
        original: fc.oneof(text, fc.uint8Array({ maxLength: 10 })),
        problem: text,
      },
      {
        requiredKeys: [
          ...(['seq', 'connection', 'at', 'direction', 'frames', 'compressed', 'masked'] as const),
          ...(['wireLength', 'length', 'isCut', 'fate'] as const),
        ],
      },
    ),
  )
  .map(([data, rest]) => ({ ...rest, ...data }));

/** Whole recordings, with everything that the model allows. */
export const recordings: fc.Arbitrary<Recording> = fc
  .tuple(fc.array(connection, { minLength: 1, maxLength: 4 }), fc.array(message, { maxLength: 12 }))
  .map(([connections, messages]) => ({
    connections: connections.map((each, index) => ({ ...each, id: index + 1 })),
    messages: messages.map((each, index) => ({
      ...each,
      seq: index + 1,
      connection: (each.connection % connections.length) + 1,
    })),
  }));
