// Section 7: the closing handshake when the tester begins it (RFC 6455, 5.5.1 and 7).
import type { Case } from '../table.ts';
import {
  close,
  closePayload,
  closes,
  ends,
  fails,
  filled,
  frame,
  getClose,
  getText,
  hex,
  last,
  open,
  ping,
  send,
  TEXT,
  text,
} from '../words.ts';

const big = filled(256 * 1024, 0x2a);
const validCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const invalidCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];

export const closing: readonly Case[] = [
  { id: '7.1.1', title: 'text, then Close', script: [send(text('x')), getText('x'), ...closes] },
  { id: '7.1.2', title: 'two Close frames', script: [send(close(1000), close(1000)), getClose(1000), ends] },
  { id: '7.1.3', title: 'Ping after Close', script: [send(close(1000), ping()), getClose(1000), ends] },
  { id: '7.1.4', title: 'text after Close', script: [send(close(1000), text('x')), getClose(1000), ends] },
  {
    id: '7.1.5',
    title: 'Close between the fragments of a message',
    script: [send(open(TEXT, 'a'), close(1000), last('b')), getClose(1000), ends],
  },
  {
    id: '7.1.6',
    title: '256 KiB of text, text, Close and Ping at once: both messages come back before the Close',
    script: [send(text(big), text('x'), close(1000), ping()), getText(big), getText('x'), getClose(1000), ends],
  },
  { id: '7.3.1', title: 'Close without payload', script: [send(close()), getClose(), ends] },
  { id: '7.3.2', title: 'Close with one byte', script: [send(frame(8, 'a')), fails(1002, ['no Close frame'])] },
  { id: '7.3.3', title: 'Close with a code', script: [send(close(1000)), getClose(1000), ends] },
  {
    id: '7.3.4',
    title: 'Close with a code and a reason',
    script: [send(close(1000, 'Done.')), getClose(1000), ends],
  },
  {
    id: '7.3.5',
    title: 'Close with the longest reason',
    script: [send(close(1000, filled(123, 0x2a))), getClose(1000), ends],
  },
  {
    id: '7.3.6',
    title: 'Close with 126 bytes',
    script: [send(close(1000, filled(124, 0x2a))), fails(1002, ['no Close frame'])],
  },
  {
    id: '7.5.1',
    title: 'Close with a reason that is not UTF-8',
    script: [send(close(1000, hex('cebae1bdb9cf83eda080656469746564'))), fails(1007, [1002, 'no Close frame'])],
  },
  ...validCodes.map((code, n) => ({
    id: `7.7.${n + 1}`,
    title: `Close ${code}`,
    script: [send(close(code)), getClose(code), ends],
  })),
  ...invalidCodes.map((code, n) => ({
    id: `7.9.${n + 1}`,
    title: `Close ${code}, which is not allowed`,
    script: [send(close(code)), fails(1002, ['no Close frame'])],
  })),
  ...[5000, 65_535].map((code, n) => ({
    id: `7.13.${n + 1}`,
    title: `Close ${code}, which is out of range`,
    script: [send(frame(8, closePayload(code))), fails(1002, ['no Close frame'])],
  })),
];
