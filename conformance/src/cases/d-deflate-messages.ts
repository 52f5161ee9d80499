// D.7 and D.8: compressed messages (RFC 7692, 6 and 7.2), and what must not be compressed.
import { compress } from '../deflate.ts';
import type { Case, Frame, Opening, Step } from '../table.ts';
import {
  BINARY,
  binary,
  bytes,
  CONTINUATION,
  close,
  closes,
  type Data,
  fails,
  filled,
  frame,
  getBinary,
  getClose,
  getPong,
  getText,
  getTextFirst,
  hex,
  last,
  more,
  open,
  ping,
  pong,
  send,
  sendByFrame,
  sendChopped,
  TEXT,
  text,
} from '../words.ts';

const compressed = { rsv: 4 } as const;
const squeeze = (data: Data): Uint8Array => compress(bytes(data));

const opening: Opening = {
  request: { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' },
  agreed: 'any',
  deflate: true,
  response: { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
};

/** A compressed message in frames of `size` bytes; only the first has RSV1 (6.1). */
function cut(opcode: number, data: Data, size: number): Frame[] {
  const payload = squeeze(data);
  const frames: Frame[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const first = at === 0;
    frames.push(
      frame(first ? opcode : CONTINUATION, payload.subarray(at, at + size), {
        fin: at + size >= payload.length,
        rsv: first ? 4 : 0,
      }),
    );
  }
  return frames;
}

const sentence = 'a sentence, a sentence, and once more a sentence';
const pieces = cut(TEXT, sentence, 6);
const withPings = pieces.flatMap((piece, n) => [piece, ...(n < pieces.length - 1 ? [ping(`between ${n}`)] : [])]);
const pongs = pieces.slice(1).map((_, n) => getPong(`between ${n}`));
const zeros = filled(300_000, 0);

/** Messages that must come back. */
const good: readonly (readonly [string, ...Step[]])[] = [
  ['compressed text', send(text(squeeze(sentence), compressed)), getText(sentence)],
  ['compressed binary', send(binary(squeeze(zeros), compressed)), getBinary(zeros)],
  ['text that is not compressed although it might be', send(text(sentence)), getText(sentence)],
  [
    'both kinds in turn',
    send(text(sentence), text(squeeze('b'), compressed), text('c')),
    getText(sentence),
    getText('b'),
    getText('c'),
  ],
  // 7.2.3.6: an empty message is one byte.
  ['an empty message', send(text(hex('00'), compressed)), getText('')],
  ['an empty message of no bytes', send(text('', compressed)), getText('')],
  [
    'an empty binary message in three fragments',
    send(open(BINARY, '', compressed), more(hex('00')), last()),
    getBinary(''),
  ],
  // 7.2.3.1 to 7.2.3.5: the examples of the standard.
  ['the example with one block', send(text(hex('f2 48 cd c9 c9 07 00'), compressed)), getText('Hello')],
  [
    'the example in two fragments',
    send(open(TEXT, hex('f2 48 cd'), compressed), last(hex('c9 c9 07 00'))),
    getText('Hello'),
  ],
  [
    'the example with a block that is not compressed',
    send(text(hex('00 05 00 fa ff 48 65 6c 6c 6f 00'), compressed)),
    getText('Hello'),
  ],
  ['the example with BFINAL set', send(text(hex('f3 48 cd c9 c9 07 00 00'), compressed)), getText('Hello')],
  [
    'the example with two blocks',
    send(text(hex('f2 48 05 00 00 00 ff ff ca c9 c9 07 00'), compressed)),
    getText('Hello'),
  ],
  [
    'a message behind one with BFINAL set',
    send(text(hex('f3 48 cd c9 c9 07 00 00'), compressed), text(hex('f2 48 cd c9 c9 07 00'), compressed)),
    getText('Hello'),
    getText('Hello'),
  ],
  [
    'two blocks with BFINAL set in one message, nothing of which is lost',
    send(text(hex('f3 48 cd c9 c9 07 00 f3 48 cd c9 c9 07 00 00'), compressed)),
    getText('HelloHello'),
  ],
  ['Pings between compressed fragments', send(...withPings), ...pongs, getText(sentence)],
  ['Pings between compressed fragments, frame by frame', sendByFrame(...withPings), ...pongs, getText(sentence)],
  ['Pings between compressed fragments, byte by byte', sendChopped(1, ...withPings), ...pongs, getText(sentence)],
  ['compressed fragments of one byte', send(...cut(BINARY, zeros, 1)), getBinary(zeros)],
  [
    'a Pong between compressed fragments',
    send(open(TEXT, hex('f2 48 cd'), compressed), pong('?'), last(hex('c9 c9 07 00'))),
    getText('Hello'),
  ],
  ['a character cut by two fragments', send(...cut(TEXT, 'grün £ €', 2)), getText('grün £ €')],
];

/** Frames that fail the connection. */
const bad: readonly (readonly [string, number, ...Frame[]])[] = [
  // 6.1: RSV1 is in the first frame of a message and in no other.
  [
    'RSV1 on a continuation',
    1002,
    open(TEXT, hex('f2 48 cd'), compressed),
    frame(CONTINUATION, hex('c9 c9 07 00'), compressed),
  ],
  [
    'RSV1 on a continuation of a message that is not compressed',
    1002,
    open(TEXT, 'a'),
    frame(CONTINUATION, 'b', compressed),
  ],
  ['RSV1 on a Ping', 1002, ping('x', compressed)],
  ['RSV1 on a Pong', 1002, pong('x', compressed)],
  ['RSV1 on a Close', 1002, { ...close(1000), ...compressed }],
  ['RSV2', 1002, text('x', { rsv: 2 })],
  ['RSV1 and RSV3', 1002, text(squeeze('x'), { rsv: 5 })],
  ['bytes that are not DEFLATE', 1007, binary(hex('ff ff ff ff'), compressed)],
  ['a block that ends too soon', 1007, binary(hex('00 05 00 fa ff 48 65'), compressed)],
  ['a reference to before the beginning', 1007, binary(hex('02 13 00 00'), compressed)],
  ['compressed text that is not UTF-8', 1007, text(squeeze(hex('61 ed a0 80 62')), compressed)],
  ['compressed text that ends inside a character', 1007, text(squeeze(hex('61 e2 82')), compressed)],
];

export const deflateMessages: readonly Case[] = [
  ...good.map(([title, ...script], n) => ({ id: `D.7.${n + 1}`, title, opening, script: [...script, ...closes] })),
  {
    id: 'D.7.21',
    title: 'Close between compressed fragments',
    opening,
    script: [send(open(TEXT, hex('f2 48 cd'), compressed), close(1000)), getClose(1000), { do: 'ends' }],
  },
  ...bad.map(([title, code, ...frames], n) => ({
    id: `D.8.${n + 1}`,
    title,
    opening,
    script: [send(...frames), fails(code)],
  })),
  {
    id: 'D.8.13',
    title: 'text, then RSV1 on a Ping',
    opening,
    script: [send(text(squeeze('x'), compressed), ping('', compressed)), getTextFirst('x'), fails(1002)],
  },
];
