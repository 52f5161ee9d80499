import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connectionLine,
  endLine,
  headLine,
  JsonLinesReader,
  jsonLinesOf,
  messageLine,
  parseJsonLines,
  RecordingError,
  readRecording,
} from '../../src/recording/index.ts';
import { connectionOf, messageOf, recordings } from './support.ts';

const end = { at: 1_790_000_000_500, code: 1000, reason: 'bye', wasClean: true, by: 'client' } as const;
const whole = [headLine(), connectionLine(connectionOf()), messageLine(messageOf()), endLine(1, end)];

describe('a recording as JSON lines', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(recordings, (recording) => {
        const text = [...jsonLinesOf(recording)].join('');
        expect(readRecording(text)).toEqual({ ...recording, format: 'jsonl', isCutOff: false, skipped: 0 });
      }),
    );
  });

  it('is read wherever it was cut off, with all that is whole', () => {
    const recording = {
      connections: [connectionOf({ end })],
      messages: [messageOf({ data: 'Grüße' }), messageOf({ seq: 2, data: Uint8Array.of(0, 255) })],
    };
    const text = [...jsonLinesOf(recording)].join('');
    for (let length = headLine().length - 1; length <= text.length; length++) {
      const read = parseJsonLines(text.slice(0, length));
      const lines = text.slice(0, length).split('\n');
      const isWhole = lines.at(-1) === '' || lines.at(-1)?.endsWith('}');
      if (read.isCutOff) expect(lines.at(-1)).not.toBe('');
      else expect(isWhole).toBe(true);
      expect(read.messages).toEqual(recording.messages.slice(0, read.messages.length));
    }
    expect(parseJsonLines(text)).toEqual({ ...recording, isCutOff: false });
  });

  it('may say more of a connection and of a message later', () => {
    const { response: _, ...asked } = connectionOf();
    const held = messageOf({ seq: 1, fate: 'held' });
    const lines = [
      headLine(),
      connectionLine(asked),
      messageLine(messageOf({ seq: 2, data: 'second' })),
      messageLine(held),
      connectionLine(connectionOf()),
      messageLine({ ...held, fate: 'dropped' }),
      endLine(1, end),
    ];
    const { connections, messages } = parseJsonLines(lines.join(''));
    expect(connections).toEqual([connectionOf({ end })]);
    expect(messages.map(({ seq, fate }) => [seq, fate])).toEqual([
      [1, 'dropped'],
      [2, 'forwarded'],
    ]);
  });

  it('is read line by line, with carriage returns, empty lines and a byte order mark', () => {
    const reader = new JsonLinesReader();
    reader.line(`\uFEFF${whole[0]?.trim()}\r`);
    reader.line('');
    for (const line of whole.slice(1)) reader.line(`${line.trim()}\r`);
    expect(reader.end()).toEqual({ connections: [connectionOf({ end })], messages: [messageOf()], isCutOff: false });
  });

  it('keeps members that it does not know out of the records', () => {
    const odd = `${JSON.stringify({ ...JSON.parse(whole[1] ?? ''), colour: 'red', __proto__: { x: 1 } })}\n`;
    expect(parseJsonLines(headLine() + odd).connections).toEqual([connectionOf()]);
  });
});

describe('a recording that is damaged is an error that names the line and what would be right:', () => {
  const change = (line: number, changes: object) =>
    whole.map((text, index) =>
      index === line - 1 ? `${JSON.stringify({ ...JSON.parse(text), ...changes })}\n` : text,
    );
  it.each<[what: string, lines: string[], line: number, words: RegExp]>([
    ['nothing', [''], 1, /must be \{"format":"tidewire-recording","version":1\}/],
    ['a first line that is cut', ['{"format":"tidewire-rec'], 1, /must be \{"format"/],
    ['another format', change(1, { format: 'pcap' }), 1, /^Line 1: format must be "tidewire-recording"$/],
    ['a version to come', change(1, { version: 2 }), 1, /version is 2, which is newer than what can be read here: 1/],
    [
      'a line in the middle that is cut',
      [whole[0] ?? '', '{"type":\n', whole[1] ?? ''],
      2,
      /must be an object in JSON/,
    ],
    ['a line of another kind', change(3, { type: 'frame' }), 3, /type must be "connection", "message", "end"/],
    ['a list', [whole[0] ?? '', '[]\n'], 2, /this must be an object/],
    [
      'a message without a connection',
      [whole[0] ?? '', whole[2] ?? ''],
      2,
      /connection must be one of the lines before/,
    ],
    ['an end without a connection', change(4, { connection: 7 }), 4, /none has 7/],
    ['a direction', change(3, { direction: 'up' }), 3, /direction must be "toServer", "toClient"/],
    ['an opcode', change(3, { opcode: 0 }), 3, /opcode must be 1, 2, 8, 9, 10/],
    ['a time', change(3, { at: '12:00' }), 3, /at must be a number from 0 on/],
    ['a time that no date has', change(3, { at: 1e300 }), 3, /at must be milliseconds since 1970/],
    ['a number', change(3, { seq: 1.5 }), 3, /seq must be a whole number from 1 on/],
    ['no data', change(3, { data: undefined }), 3, /data must be text, or bytes must be in base64/],
    ['data twice', change(3, { bytes: 'AA==' }), 3, /data must not be there beside bytes/],
    ['bytes', change(3, { data: undefined, bytes: '%' }), 3, /bytes must be in base64/],
    ['a URL', change(2, { url: 'https://example.com' }), 2, /url must begin with ws:\/\/ or wss:\/\//],
    [
      'a header',
      change(2, { response: { status: 101, headers: [['a']] } }),
      2,
      /headers\[0\] must be a name and a value/,
    ],
    [
      'a status',
      change(2, { response: { status: '101', headers: [] } }),
      2,
      /status must be a whole number from 0 to 999/,
    ],
    ['a code', change(4, { code: 70_000 }), 4, /code must be a whole number from 0 to 65535/],
    ['who ended it', change(4, { by: 'nobody' }), 4, /by must be "client", "server", "inspector"/],
  ])('%s', (_what, lines, line, words) => {
    const read = () => parseJsonLines(lines.join(''));
    expect(read).toThrow(RecordingError);
    expect(read).toThrow(words);
    expect(read).toThrow(expect.objectContaining({ line }));
  });

  it('whatever is written over a part of it, it is read or is such an error', () => {
    fc.assert(
      fc.property(fc.nat({ max: 900 }), fc.string(), (at, noise) => {
        const text = whole.join('');
        const damaged = text.slice(0, at) + noise + text.slice(at + noise.length);
        try {
          readRecording(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(RecordingError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
