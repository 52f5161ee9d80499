import { CloseCode, ConnectionError, type ViolationCode, violations } from '@tidewire/protocol';
import { describe, expect, it } from 'vitest';
import { BINARY, CLOSE, CONTINUATION, closeBody, Endpoint, frame, PING, PONG, TEXT } from './support.ts';

const deflate = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

/** What a client must not send, the rule that it breaks, and what a server with these options does. */
const cases: [
  title: string,
  rule: ViolationCode,
  input: Uint8Array,
  options?: ConstructorParameters<typeof Endpoint>[1],
][] = [
  ['RSV1 where no extension was negotiated', 'RESERVED_BITS', frame(TEXT, 'x', { rsv: 4 })],
  ['RSV2', 'RESERVED_BITS', frame(TEXT, 'x', { rsv: 2 })],
  ['RSV3 on a control frame', 'RESERVED_BITS', frame(PING, '', { rsv: 1 })],
  ['RSV1 on a control frame', 'RESERVED_BITS', frame(PING, '', { rsv: 4 }), { deflate }],
  [
    'RSV1 on a continuation',
    'RESERVED_BITS',
    Buffer.concat([frame(TEXT, 'x', { fin: false }), frame(CONTINUATION, 'x', { rsv: 4 })]),
    { deflate },
  ],
  ['RSV2 where deflate was negotiated', 'RESERVED_BITS', frame(TEXT, 'x', { rsv: 2 }), { deflate }],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): (typeof cases)[number] => [
    `opcode ${opcode}`,
    'RESERVED_OPCODE',
    frame(opcode),
  ]),
  ['a frame without a mask', 'NOT_MASKED', frame(TEXT, 'x', { masked: false })],
  ['a 16-bit length of 125', 'LENGTH_NOT_MINIMAL', frame(TEXT, 'x'.repeat(125), { lengthForm: 2 })],
  ['a 64-bit length of 65,535', 'LENGTH_NOT_MINIMAL', frame(TEXT, 'x'.repeat(65_535), { lengthForm: 8 })],
  ['a 64-bit length of 1', 'LENGTH_NOT_MINIMAL', frame(TEXT, 'x', { lengthForm: 8 })],
  ['a Ping in fragments', 'CONTROL_FRAGMENTED', frame(PING, 'x', { fin: false })],
  ['a Close in fragments', 'CONTROL_FRAGMENTED', frame(CLOSE, '', { fin: false })],
  ['a Pong of 126 bytes', 'CONTROL_TOO_LONG', frame(PONG, 'x'.repeat(126))],
  ['a Close of 126 bytes', 'CONTROL_TOO_LONG', frame(CLOSE, closeBody(1000, 'x'.repeat(124)))],
  ['a continuation of nothing', 'UNEXPECTED_CONTINUATION', frame(CONTINUATION, 'x')],
  [
    'a continuation after a whole message',
    'UNEXPECTED_CONTINUATION',
    Buffer.concat([frame(TEXT, 'x'), frame(CONTINUATION, 'x')]),
  ],
  [
    'a message within a message',
    'EXPECTED_CONTINUATION',
    Buffer.concat([frame(TEXT, 'x', { fin: false }), frame(BINARY, 'x')]),
  ],
  ['a Close of one byte', 'CLOSE_PAYLOAD', frame(CLOSE, 'x')],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code): (typeof cases)[number] => [
    `close code ${code}`,
    'CLOSE_CODE',
    frame(CLOSE, closeBody(code)),
  ]),
  ['a reason that is not UTF-8', 'INVALID_UTF8', frame(CLOSE, closeBody(1000, Uint8Array.of(0xc3, 0x28)))],
  [
    'compressed data that is not DEFLATE',
    'INVALID_DEFLATE',
    frame(BINARY, Uint8Array.of(0xff, 0xff, 0xff), { rsv: 4 }),
    { deflate },
  ],
  ['a message over the limit', 'MESSAGE_TOO_BIG', frame(BINARY, 'x'.repeat(11)), { limits: { maxMessageSize: 10 } }],
  [
    'fragments over the limit together',
    'MESSAGE_TOO_BIG',
    Buffer.concat([frame(BINARY, 'x'.repeat(6), { fin: false }), frame(CONTINUATION, 'x'.repeat(5))]),
    { limits: { maxMessageSize: 10 } },
  ],
  ['a frame over the limit', 'FRAME_TOO_BIG', frame(BINARY, 'x'.repeat(11)), { limits: { maxFrameSize: 10 } }],
  [
    'too many fragments',
    'TOO_MANY_FRAGMENTS',
    Buffer.concat([frame(BINARY, '', { fin: false }), frame(CONTINUATION, '', { fin: false }), frame(CONTINUATION)]),
    { limits: { maxFragments: 2 } },
  ],
  [
    'too many control frames',
    'TOO_MANY_CONTROL_FRAMES',
    Buffer.concat([frame(PING), frame(PONG), frame(PING)]),
    { limits: { maxControlFramesPerSecond: 2 } },
  ],
];

describe('a peer that breaks a rule', () => {
  it.each(cases)('%s: %s', (_, rule, input, options) => {
    for (const size of [input.length, 1]) {
      const server = new Endpoint('server', options);
      for (let at = 0; at < input.length; at += size)
        server.connection.receive(Buffer.from(input.subarray(at, at + size)));
      const { closeCode } = violations[rule];
      expect(server.connection.state).toBe('FAILED');
      expect(server.takeOutput().slice(-4)).toEqual([0x88, 2, closeCode >> 8, closeCode & 255]);
      expect(server.hasEnded).toBe(true);
      expect(server.events).toEqual(['closing']);

      const delivered = server.messages.length;
      server.receive(frame(TEXT, 'too late'));
      expect(server.messages).toHaveLength(delivered);

      server.connection.gone();
      expect(server.events).toEqual(['closing', 'close']);
      expect(server.close).toMatchObject({
        code: closeCode,
        reason: '',
        wasClean: false,
        error: { code: rule, closeCode },
      });
      expect(server.close?.error).toBeInstanceOf(ConnectionError);
    }
  });

  it('has a row here for each rule that the bytes of a client can break', () => {
    const elsewhere: ViolationCode[] = ['MASKED', 'LENGTH_OUT_OF_RANGE', 'OUTPUT_LIMIT'];
    expect(new Set([...cases.map(([, rule]) => rule), ...elsewhere])).toEqual(new Set(Object.keys(violations)));
  });

  it('is a server that masks', () => {
    const client = new Endpoint('client');
    client.receive(frame(TEXT, 'x'));
    client.connection.gone();
    expect(client.close).toMatchObject({ code: CloseCode.PROTOCOL_ERROR, error: { code: 'MASKED' } });
  });

  it('is told at the first byte that breaks the rule', () => {
    const earliest: [number[], ViolationCode][] = [
      [[0x91], 'RESERVED_BITS'],
      [[0x83], 'RESERVED_OPCODE'],
      [[0x09], 'CONTROL_FRAGMENTED'],
      [[0x81, 0x01], 'NOT_MASKED'],
      [[0x89, 0xfe], 'CONTROL_TOO_LONG'],
      [[0x82, 0xfe, 0, 125], 'LENGTH_NOT_MINIMAL'],
      [[0x82, 0xff, 0x80], 'LENGTH_OUT_OF_RANGE'],
    ];
    for (const [input, rule] of earliest) {
      const server = new Endpoint('server');
      for (const byte of input) {
        expect(server.connection.state).toBe('OPEN');
        server.receive(byte);
      }
      server.connection.gone();
      expect(server.close?.error?.code).toBe(rule);
    }
  });

  it('gets one Close frame only, and none after ours', () => {
    const server = new Endpoint('server');
    server.connection.close(1000);
    expect(server.takeOutput()).toEqual([0x88, 2, 3, 232]);
    server.receive(frame(3));
    expect(server.connection.state).toBe('FAILED');
    expect(server.takeOutput()).toEqual([]);
    expect(server.hasEnded).toBe(true);
    server.connection.gone();
    expect(server.close).toMatchObject({ code: 1002, wasClean: false, error: { code: 'RESERVED_OPCODE' } });
  });
});

describe('a length that does not fit', () => {
  const lengths = [
    2n ** 31n - 1n,
    2n ** 31n,
    2n ** 31n + 1n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
  ];

  it.each(lengths)('%i fails at once, cut at any byte, first frame or continuation, without allocating', (length) => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(length);
    for (const continuation of [false, true]) {
      const header = Buffer.from([continuation ? 0x80 : 0x82, 0xff, ...size, 1, 2, 3, 4]);
      for (let cut = 1; cut <= header.length; cut++) {
        const server = new Endpoint('server');
        if (continuation) server.receive(frame(BINARY, 'x', { fin: false }));
        server.connection.receive(Buffer.from(header.subarray(0, cut)));
        server.connection.receive(Buffer.from(header.subarray(cut)));
        server.connection.gone();
        expect(server.close?.error?.code).toBe(length >= 2n ** 63n ? 'LENGTH_OUT_OF_RANGE' : 'MESSAGE_TOO_BIG');
      }
    }
  });

  it('is only announced: memory follows what comes', () => {
    const server = new Endpoint('server', { limits: { maxMessageSize: Number.POSITIVE_INFINITY } });
    const before = process.memoryUsage().arrayBuffers;
    server.receive(0x82, 0xff, 0, 0, 0x10, 0, 0, 0, 0, 0, 1, 2, 3, 4, Buffer.alloc(1000));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(server.connection.state).toBe('OPEN');
  });
});
