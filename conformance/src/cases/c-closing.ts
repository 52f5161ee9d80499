// C: the end of a connection, beyond Autobahn: who ends the stream, what is in flight when it ends, peers that are silent or
// vanish, and closing handshakes that the peer under test begins (RFC 6455, 5.5.1, 7.1 and 7.4).
import type { Case, Role, Step } from '../table.ts';
import {
  begin,
  binary,
  close,
  closePayload,
  closes,
  ends,
  fails,
  filled,
  frame,
  getBinary,
  getClose,
  getPong,
  getText,
  open,
  ping,
  send,
  sendChopped,
  TEXT,
  text,
} from '../words.ts';

const big = filled(1024 * 1024, 0xfe);
const ask = (code: number, reason = ''): Step => ({ do: 'ask to close', code, reason });
const reports = (code: number): Step => ({ do: 'reports', code });
const halfClose: Step = { do: 'half-close' };
const isLeft: Step = { do: 'is left' };
const server: readonly Role[] = ['server'];
const client: readonly Role[] = ['client'];

export const endings: readonly Case[] = [
  {
    id: 'C.1',
    title: 'the server ends the stream first, right after both Close frames',
    roles: server,
    script: [send(close(1000)), getClose(1000), isLeft, halfClose, reports(1000)],
  },
  {
    id: 'C.2',
    title: 'the client waits for the server to end the stream',
    roles: client,
    script: [send(close(1000)), getClose(1000), ends, reports(1000)],
  },
  {
    id: 'C.3',
    title: 'what is in flight when the tester closes comes back whole',
    script: [
      send(binary(big), binary(big), binary(big), close(1001)),
      ...[1, 2, 3].map(() => getBinary(big)),
      getClose(1001),
      ends,
    ],
  },
  {
    id: 'C.4',
    title: 'much data behind a Close is discarded, and no reset destroys the answer',
    script: [send(text('x'), close(1000), binary(big), text('y')), getText('x'), getClose(1000), ends, reports(1000)],
  },
  {
    id: 'C.5',
    title: 'bytes behind a Close that are no frames are discarded',
    script: [send(close(1000), frame(15, filled(300, 0xff), { rsv: 7 })), getClose(1000), ends, reports(1000)],
  },
  {
    id: 'C.6',
    title: 'Close in the middle of a fragmented message, which is not delivered',
    script: [send(open(TEXT, 'half of '), close(1000)), getClose(1000), ends, reports(1000)],
  },
  {
    id: 'C.7',
    title: 'Close written byte by byte',
    script: [sendChopped(1, close(1000, 'so long')), getClose(1000), ends],
  },
  {
    id: 'C.8',
    title: 'Close that is not final',
    script: [send({ ...close(1000), fin: false }), fails(1002)],
  },
  {
    id: 'C.9',
    title: 'the peer begins',
    script: [ask(1000, 'enough'), getClose(1000, 'enough'), send(close(1000)), ends, reports(1000)],
  },
  {
    id: 'C.10',
    title: 'the peer begins, and is answered without a code',
    script: [ask(3000), getClose(3000), send(close()), ends, reports(1005)],
  },
  {
    id: 'C.11',
    title: 'both begin at once: one Close each',
    script: [ask(4001), send(close(4002)), getClose(4001), ends, reports(4002)],
  },
  {
    id: 'C.12',
    title: 'messages that cross the peer’s Close are not answered any more',
    script: [ask(1000), getClose(1000), send(text('x'), close(1000)), ends, reports(1000)],
  },
  {
    id: 'C.13',
    title: 'bad bytes after the peer’s Close end the stream without a second Close',
    script: [ask(1000), getClose(1000), send(text('x', { rsv: 7 })), isLeft, halfClose, { do: 'reports' }],
  },
  {
    id: 'C.14',
    title: 'a tester that never answers the peer’s Close is left by a deadline',
    script: [ask(1000), getClose(1000), isLeft, reports(1006)],
  },
  {
    id: 'C.15',
    title: 'a tester that does not end its side after both Close frames is left by a deadline',
    roles: server,
    script: [send(close(1000)), getClose(1000), isLeft, reports(1000)],
  },
  {
    id: 'C.16',
    title: 'a server that does not end the stream after both Close frames is left by a deadline',
    roles: client,
    script: [send(close(1000)), getClose(1000), isLeft, reports(1000)],
  },
  {
    id: 'C.17',
    title: 'a tester that was failed and does not end its side is left by a deadline',
    script: [send(text('x', { rsv: 7 })), getClose(1002), isLeft, { do: 'reports' }],
  },
  {
    id: 'C.18',
    title: 'the stream ends without a Close',
    script: [send(text('x')), getText('x'), halfClose, isLeft, reports(1006)],
  },
  {
    id: 'C.19',
    title: 'the stream ends inside a frame',
    script: [begin(text('not all of it'), 3), halfClose, isLeft, reports(1006)],
  },
  {
    id: 'C.20',
    title: 'the stream ends between fragments',
    script: [send(open(TEXT, 'half of '), ping()), getPong(), halfClose, isLeft, reports(1006)],
  },
  { id: 'C.21', title: 'a reset', script: [send(text('x')), getText('x'), { do: 'reset' }, reports(1006)] },
  {
    id: 'C.22',
    title: 'a reset while messages come back',
    script: [send(binary(big), binary(big)), getBinary(big), { do: 'reset' }, reports(1006)],
  },
  {
    id: 'C.23',
    title: 'the stream ends behind the tester’s Close',
    roles: server,
    script: [send(close(1000)), halfClose, getClose(1000), isLeft, reports(1000)],
  },
  ...[1012, 1013, 1014].map((code, n) => ({
    id: `C.${n + 24}`,
    title: `Close ${code}, registered later`,
    script: [send(close(code)), getClose(code), ends],
  })),
  ...[1, 1015, 1999].map((code, n) => ({
    id: `C.${n + 27}`,
    title: `Close ${code}, which is not allowed`,
    script: [send(frame(8, closePayload(code))), fails(1002)],
  })),
  {
    id: 'C.30',
    title: 'a reason with a character cut in half',
    script: [send(frame(8, closePayload(1000, new Uint8Array([0x61, 0xe2, 0x82])))), fails(1007)],
  },
  {
    id: 'C.31',
    title: 'a reason of 123 bytes in two-byte characters and one more',
    script: [send(close(1000, `${'ä'.repeat(61)}.`)), getClose(1000), ends],
  },
  {
    id: 'C.32',
    title: 'frames right behind the handshake, in the same write',
    opening: { together: true },
    script: [send(ping('early'), text('bird')), getPong('early'), getText('bird'), ...closes],
  },
  {
    id: 'C.33',
    title: 'Close right behind the handshake, in the same write',
    opening: { together: true },
    script: [send(close(1000)), getClose(1000), ends, reports(1000)],
  },
];
