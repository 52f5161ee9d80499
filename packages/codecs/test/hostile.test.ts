import { chooseDecoder, decoderKinds, type MessageData } from '@tidewire/codecs';
import { describe, expect, it } from 'vitest';

// A mebibyte that is made to be slow: deep, or of very many parts. What takes time that is quadratic takes minutes here.

const SIZE = 1024 * 1024;
/** Milliseconds of CPU for a message. A few are usual; the rest is for machines that are slow, or at work on something else. */
const MOST = 500;

const repeated = (...bytes: number[]) => new Uint8Array(SIZE).map((_, i) => bytes[i % bytes.length] ?? 0);
const behind = (head: number[], rest: Uint8Array) => {
  const bytes = rest.slice();
  bytes.set(head);
  return bytes;
};
const text = (part: string, before = '') => before + part.repeat(Math.floor(SIZE / part.length));

/** As many as fit, each in the one before it. */
function nestedProtobuf(): Uint8Array {
  const parts: number[] = [];
  for (let length = 0; length < SIZE; ) {
    const head: number[] = [0x0a];
    for (let rest = length; ; rest >>>= 7) {
      head.push(rest < 128 ? rest : (rest & 127) | 128);
      if (rest < 128) break;
    }
    parts.push(...head.reverse());
    length += head.length;
  }
  return Uint8Array.from(parts.reverse());
}

const messages: [string, MessageData][] = [
  ['[', text('[')],
  ['[ for Socket.IO', text('[', '42')],
  ['{"a":', text('{"a":')],
  ['[] in a packet of Socket.IO', `42["a",${text('[],').slice(0, -1)}]`],
  ['digits', text('4')],
  ['digits and a dash', text('1', '45')],
  ['a namespace without an end', text('/', '42/')],
  ['quotes', text('"')],
  ['backslashes', text('\\', '"')],
  ['spaces', text(' ')],
  ['line feeds', text('\n')],
  ['CR LF', text('\r\n')],
  ['capitals', text('A')],
  ['headers without an end', text('a:b\n', 'SEND\n')],
  ['very short frames', text('SEND\n\n\0')],
  ['a long header of escapes', `SEND\na:${text('\\n').slice(0, 60_000)}\n\n\0`],
  ['lines of {}', text('{}\n')],
  ['a batch', `[${text('{"jsonrpc":"2.0","method":"a"},').slice(0, -1)}]`],
  ['strings in strings', JSON.stringify({ event: 'a', data: text('[') })],
  ['a query of comments', JSON.stringify({ type: 'subscribe', id: '1', payload: { query: text('#\n,') } })],
  ['pings of MQTT', repeated(0xc0, 0)],
  ['a SUBSCRIBE of MQTT', behind([0x82, 0xfb, 0xff, 0x3f], new Uint8Array(SIZE))],
  ['codes of MQTT', behind([0x90, 0xfb, 0xff, 0x3f], new Uint8Array(SIZE))],
  ['nested arrays of MessagePack', repeated(0x91)],
  ['nested maps of MessagePack', repeated(0x81)],
  ['nulls of MessagePack', behind([0xdd, 0, 0x0f, 0xff, 0xfb], repeated(0xc0))],
  [
    '64-bit integers of MessagePack',
    behind([0xdd, 0xff, 0xff, 0xff, 0xff], repeated(0xcf, 255, 255, 255, 255, 255, 255, 255, 255)),
  ],
  ['nested arrays of CBOR', repeated(0x81)],
  ['endless arrays of CBOR', repeated(0x9f)],
  ['tags of CBOR', repeated(0xc6)],
  ['a big number of CBOR', behind([0xc2, 0x5a, 0, 0x0f, 0xff, 0xfa], repeated(0xff))],
  ['pieces of CBOR', behind([0x5f], repeated(0x40))],
  ['nested protobuf', nestedProtobuf()],
  ['groups of protobuf', repeated(0x0b)],
  ['fields of protobuf', repeated(0x08, 0x00)],
  ['empty messages of protobuf', repeated(0x0a, 0x00)],
  ['zeros', new Uint8Array(SIZE)],
];

const cpuTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

describe('a hostile mebibyte', () => {
  it.each(messages)('of %s costs no decoder much', (_name, data) => {
    const slow = decoderKinds.flatMap((kind, i) => {
      const decoder = kind.create();
      const before = cpuTime();
      decoder.decode(data, i % 2 === 0 ? 'toServer' : 'toClient');
      const took = cpuTime() - before;
      return took > MOST ? [`${kind.name}: ${took} ms`] : [];
    });
    expect(slow).toEqual([]);
  });

  it('costs nothing where a decoder is chosen', () => {
    const before = cpuTime();
    for (const [, data] of messages)
      for (const each of [data, data.slice(0, 65_536)])
        chooseDecoder({ subprotocol: '', target: '/', messages: [{ data: each, direction: 'toClient' }] });
    expect((cpuTime() - before) / messages.length).toBeLessThan(MOST);
  });

  it.each([
    ['stomp', 'SEND\n\n', 'a'],
    ['mqtt', Uint8Array.of(0x30, 0x80, 0x80, 0x08), Uint8Array.of(0)],
  ])('in pieces of a byte is not copied for each of them by %s', (name, head, piece) => {
    const decoder = decoderKinds.find((kind) => kind.name === name)?.create();
    decoder?.decode(head, 'toServer');
    const before = cpuTime();
    for (let i = 0; i < 100_000; i++) decoder?.decode(piece, 'toServer');
    expect(cpuTime() - before).toBeLessThan(2 * MOST);
  });
});
