// L: lengths that are not in their shortest form or too large (RFC 6455, 5.2). M: masks in the wrong direction (5.1).
// Each fails at the header: the payload is never sent.
import type { Case, Frame } from '../table.ts';
import {
  BINARY,
  begin,
  CONTINUATION,
  close,
  closes,
  fails,
  filled,
  frame,
  getText,
  getTextFirst,
  open,
  ping,
  pong,
  send,
  TEXT,
  text,
} from '../words.ts';

const longForms: readonly (readonly [string, Frame])[] = [
  ['0 bytes in 16 bits', text('', { lengthForm: 16 })],
  ['5 bytes in 16 bits', text('short', { lengthForm: 16 })],
  ['125 bytes in 16 bits', text(filled(125, 0x2a), { lengthForm: 16 })],
  ['0 bytes in 64 bits', text('', { lengthForm: 64 })],
  ['125 bytes in 64 bits', text(filled(125, 0x2a), { lengthForm: 64 })],
  ['126 bytes in 64 bits', text(filled(126, 0x2a), { lengthForm: 64 })],
  ['65,535 bytes in 64 bits', text(filled(65_535, 0x2a), { lengthForm: 64 })],
  ['5 bytes of a Ping in 16 bits', ping('short', { lengthForm: 16 })],
  ['5 bytes of a Ping in 64 bits', ping('short', { lengthForm: 64 })],
  ['2 bytes of a Close in 16 bits', { ...close(1000), lengthForm: 16 }],
  ['5 bytes of a continuation in 16 bits', frame(CONTINUATION, 'short', { lengthForm: 16 })],
];

const claim = (length: bigint, opcode = BINARY): Frame => frame(opcode, '', { claimedLength: length });

const lengths: readonly Case[] = [
  ...longForms.map(([title, long], n) => ({ id: `L.1.${n + 1}`, title, script: [begin(long), fails(1002)] })),
  // 5.2: the most significant bit of a 64-bit length must be 0.
  ...[2n ** 63n, 2n ** 63n + 5n, 2n ** 64n - 1n].map((length, n) => ({
    id: `L.2.${n + 1}`,
    title: `a length of ${length}, its first bit set`,
    script: [send(claim(length)), fails(1002)],
  })),
  ...[2n ** 31n, 2n ** 32n, 2n ** 32n + 5n, 2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n].map((length, n) => ({
    id: `L.3.${n + 1}`,
    title: `a length of ${length}, which nobody wants to hold`,
    script: [send(claim(length)), fails(1009)],
  })),
  {
    id: 'L.3.7',
    title: 'a continuation that would make the message too big',
    script: [send(open(BINARY, 'start'), claim(2n ** 40n, CONTINUATION)), fails(1009)],
  },
  {
    id: 'L.4.1',
    title: 'a Ping that claims 2^32 bytes',
    script: [send(claim(2n ** 32n, 9)), fails(1002)],
  },
];

const wrong = { mask: 'wrong' } as const;

const masks: readonly Case[] = [
  { id: 'M.1', title: 'text', script: [send(text('x', wrong)), fails(1002)] },
  { id: 'M.2', title: 'text without payload', script: [send(text('', wrong)), fails(1002)] },
  { id: 'M.3', title: 'Ping', script: [send(ping('x', wrong)), fails(1002)] },
  { id: 'M.4', title: 'Pong', script: [send(pong('x', wrong)), fails(1002)] },
  { id: 'M.5', title: 'Close', script: [send({ ...close(1000), ...wrong }), fails(1002)] },
  { id: 'M.6', title: 'a continuation', script: [send(open(TEXT, 'a'), frame(CONTINUATION, 'b', wrong)), fails(1002)] },
  {
    id: 'M.7',
    title: 'the second of two',
    script: [send(text('x'), text('y', wrong)), getTextFirst('x'), fails(1002)],
  },
  { id: 'M.8', title: 'only the header of a long frame', script: [begin(text(filled(300, 0x2a), wrong)), fails(1002)] },
  {
    id: 'M.9',
    title: 'right masks, for comparison',
    script: [send(text('x')), getText('x'), ...closes],
  },
];

export const lengthsAndMasks: readonly Case[] = [
  ...lengths,
  ...masks.map((one) => ({ ...one, title: `mask in the wrong direction: ${one.title}` })),
];
