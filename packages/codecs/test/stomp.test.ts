import { once } from 'node:events';
import { Client, type IMessage } from '@stomp/stompjs';
import {
  StompReader,
  type StompVersion,
  stompDecoder,
  stompHeader,
  writeStomp,
  writeStompText,
} from '@tidewire/codecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { anyBytes, anyText, parameters } from './support/arbitrary.ts';

const version: fc.Arbitrary<StompVersion> = fc.constantFrom('1.0', '1.1', '1.2');
const frame = fc.record({
  version,
  command: fc.constantFrom('SEND', 'MESSAGE', 'ERROR'),
  headers: fc.array(fc.tuple(anyText, anyText), { maxLength: 4 }),
  body: anyBytes,
});

/** Without what a version has no way to say. */
function sayable({ version, headers, ...rest }: typeof frame extends fc.Arbitrary<infer T> ? T : never) {
  const gone = { '1.0': /[\0\r\n:]/g, '1.1': /[\0\r]/g, '1.2': /\0/g }[version];
  const pairs = headers.map(([name, value]) => [name.replace(gone, ''), value.replace(gone, '')] as const);
  return { version, ...rest, headers: pairs.filter(([name]) => name !== 'content-length') };
}

const readerOf = (version: StompVersion) => {
  const reader = new StompReader();
  reader.version = version;
  return reader;
};

describe('STOMP', () => {
  it(`reads what it has written, however it is cut into messages (SEED=${parameters.seed})`, () => {
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 4 }),
        version,
        fc.array(fc.nat(), { maxLength: 6 }),
        (frames, version, cuts) => {
          const all = frames.map((each) => sayable({ ...each, version }));
          const bytes = Uint8Array.from(all.flatMap((each) => [...writeStomp(each, version), 10]));
          const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
          const reader = readerOf(version);
          const read = places.slice(1).map((end, i) => reader.read(bytes.slice(places[i], end)));
          expect(read.map(({ problem }) => problem)).not.toContainEqual(expect.any(String));
          const back = read.flatMap(({ values }) => values).filter((each) => each.command !== 'heart-beat');
          expect(back).toEqual(
            all.map(({ command, headers, body }) => ({
              command,
              headers: body.length > 0 ? [...headers, ['content-length', String(body.length)]] : headers,
              body,
            })),
          );
          expect(reader.isWithinFrame).toBe(false);
        },
      ),
      parameters,
    );
  });

  it('reads the same from text as from bytes', () => {
    const frame = { command: 'SEND', headers: { destination: '/queue/ä' }, body: 'grüße' };
    expect(new StompReader().read(writeStompText(frame))).toEqual(new StompReader().read(writeStomp(frame)));
  });

  it('escapes by version, and never the frames that agree on one', () => {
    const headers = { 'a:b': 'c\nd\\e' };
    expect(writeStompText({ command: 'SEND', headers }, '1.1')).toBe('SEND\na\\cb:c\\nd\\\\e\n\n\0');
    expect(writeStompText({ command: 'CONNECT', headers: { passcode: 'a\\b:c' } })).toBe(
      'CONNECT\npasscode:a\\b:c\n\n\0',
    );
    expect(() => writeStompText({ command: 'SEND', headers }, '1.0')).toThrow('headers');
    expect(() => writeStompText({ command: 'SEND', headers: { a: '\r' } }, '1.1')).toThrow('headers');
    expect(writeStompText({ command: 'SEND', headers: { a: '\r' } }, '1.2')).toContain('a:\\r');
  });

  it('takes lines that end with CR LF, and the first of several headers', () => {
    const { values } = new StompReader().read('MESSAGE\r\na:1\r\na:2\r\n\r\nbody\0\r\n\r\nRECEIPT\n\n\0');
    expect(values.map(({ command }) => command)).toEqual(['MESSAGE', 'heart-beat', 'RECEIPT']);
    const [message] = values;
    expect(message !== undefined && 'headers' in message && stompHeader(message, 'a')).toBe('1');
  });

  it('reads a NUL in a body that has a length', () => {
    const { values } = new StompReader().read('SEND\ncontent-length:3\n\na\0b\0');
    expect(values).toMatchObject([{ body: Uint8Array.of(97, 0, 98) }]);
  });

  it.each([
    ['no command', 'hello\n\n\0', 'command in capitals'],
    ['a command and more', 'SEND \n\n\0', 'command in capitals'],
    ['a header without a colon', 'SEND\nno colon\n\n\0', 'without a colon'],
    ['an unknown escape', 'SEND\na:\\x\n\n\0', 'escape'],
    ['a length in words', 'SEND\ncontent-length:x\n\n\0', 'no number'],
    ['a length beyond all limits', 'SEND\ncontent-length:999999999999\n\n\0', 'more than'],
    ['a length that is wrong', 'SEND\ncontent-length:1\n\nab\0', 'no NUL'],
    ['no empty line', 'SEND\n\0', 'no empty line'],
    ['headers beyond all limits', `SEND\n${'a:b\n'.repeat(20_000)}\n\0`, 'no empty line'],
    ['frames beyond all limits', 'SEND\n\n\0'.repeat(10_001), 'more than 10000'],
  ])('says what is wrong with %s, and reads what comes next', (_what, text, problem) => {
    const reader = new StompReader();
    expect(reader.read(text).problem).toContain(problem);
    expect(reader.read('RECEIPT\n\n\0').values).toMatchObject([{ command: 'RECEIPT' }]);
  });

  it('shows frames with what they are about, and pieces of frames as such', () => {
    const decoder = stompDecoder.create();
    expect(decoder.decode('SEND\ndestination:/queue/a\nreceipt:7\n\n{"a":', 'toServer')).toMatchObject([
      { kind: 'part' },
    ]);
    expect(decoder.decode('1}\0', 'toServer')).toMatchObject([
      { kind: 'SEND', about: '/queue/a', id: '7', body: { type: 'json', value: { a: 1 } } },
    ]);
    expect(decoder.decode('\n', 'toServer')).toEqual([{ kind: 'heart-beat', fields: [] }]);
    expect(decoder.decode('{"no":"stomp"}', 'toServer')).toBeUndefined();
    expect(decoder.decode('CONNECTED\nversion:1.1\n\n\0MESSAGE\n\n\0', 'toClient')).toHaveLength(2);
  });

  it('unescapes as of the version that the sides have agreed on', () => {
    const decoder = stompDecoder.create();
    decoder.decode('CONNECTED\n\n\0', 'toClient');
    expect(decoder.decode('SEND\na:\\x\n\n\0', 'toServer')).toMatchObject([{ fields: [['a', '\\x']] }]);
  });

  it('shows of a message that is cut what is there, and begins anew with the next', () => {
    const decoder = stompDecoder.create();
    const cut = decoder.decode('SEND\ndestination:/queue/a\ncontent-length:5000\n\nabc', 'toServer', true);
    expect(cut).toMatchObject([{ kind: 'SEND', about: '/queue/a', problem: undefined }]);
    expect(cut?.[0]?.fields).toContainEqual(['message', 'only its beginning is here']);
    expect(decoder.decode('ACK\nid:1\n\n\0', 'toServer')).toMatchObject([{ kind: 'ACK', id: '1' }]);
  });

  it('understands stompjs, which cuts long frames into messages', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const seen: string[] = [];
    const reader = new StompReader();
    server.on('connection', (socket) => {
      const decoder = stompDecoder.create();
      socket.on('message', (data: Buffer, isBinary) => {
        const message = isBinary ? data : data.toString();
        for (const { kind, about = '', problem = '' } of decoder.decode(message, 'toServer') ?? [])
          seen.push(`${kind} ${about}${problem}`.trim());
        for (const frame of reader.read(message).values) {
          if (!('headers' in frame)) continue;
          if (frame.command === 'CONNECT')
            socket.send(writeStompText({ command: 'CONNECTED', headers: { version: '1.2' } }));
          const headers = { destination: '/a:b', 'message-id': '1', subscription: 'sub-0', note: 'a\r\nb:c' };
          if (frame.command === 'SEND') socket.send(writeStomp({ command: 'MESSAGE', headers, body: frame.body }));
        }
      });
    });
    const address = server.address();
    if (typeof address === 'string' || address === null) throw new Error('no port');
    const body = 'grüße '.repeat(10_000);
    const client = new Client({
      brokerURL: `ws://127.0.0.1:${address.port}`,
      webSocketFactory: () => new WebSocket(`ws://127.0.0.1:${address.port}`, ['v12.stomp']),
      splitLargeFrames: true,
    });
    const message = await new Promise<IMessage>((resolve) => {
      client.onConnect = () => {
        client.subscribe('/a:b', resolve, { id: 'sub-0' });
        client.publish({ destination: '/a:b', body });
      };
      client.activate();
    });
    expect([message.body, message.headers.note]).toEqual([body, 'a\r\nb:c']);
    expect(seen.filter((each) => each !== 'part')).toEqual(['CONNECT', 'SUBSCRIBE /a:b', 'SEND /a:b']);
    expect(seen.filter((each) => each === 'part').length).toBeGreaterThan(5);
    await client.deactivate({ force: true });
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
});
