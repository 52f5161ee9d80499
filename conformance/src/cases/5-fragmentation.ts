// Section 5: messages in fragments, and control frames between them (RFC 6455, 5.4).
import type { Case, Frame, Step } from '../table.ts';
import {
  closes,
  fails,
  getPong,
  getText,
  getTextFirst,
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

/** The same frames written in three ways, under three consecutive numbers. */
function threeWays(first: number, title: string, frames: readonly Frame[], then: readonly Step[]): Case[] {
  const ways: readonly [string, Step][] = [
    ['', send(...frames)],
    [', frame by frame', sendByFrame(...frames)],
    [', byte by byte', sendChopped(1, ...frames)],
  ];
  return ways.map(([how, step], n) => ({ id: `5.${first + n}`, title: title + how, script: [step, ...then] }));
}

const head = open(TEXT, 'first, ');
const tail = last('last');
const whole = getText('first, last');

/** Five fragments with a Ping after the second and the fourth; each Ping is answered at once. */
function pingsBetween(write: (...frames: Frame[]) => Step): readonly Step[] {
  return [
    write(open(TEXT, 'one '), more('two '), ping('between 1')),
    getPong('between 1'),
    write(more('three '), more('four '), ping('between 2'), last('five')),
    getPong('between 2'),
    getText('one two three four five'),
    ...closes,
  ];
}

const nothingToContinue = (final: boolean): Frame => (final ? last('nothing before') : more('nothing before'));

export const fragmentation: readonly Case[] = [
  { id: '5.1', title: 'Ping in two fragments', script: [send(ping('a', { fin: false }), last('b')), fails(1002)] },
  { id: '5.2', title: 'Pong in two fragments', script: [send(pong('a', { fin: false }), last('b')), fails(1002)] },
  ...threeWays(3, 'text in two fragments', [head, tail], [whole, ...closes]),
  ...threeWays(6, 'Ping between two fragments', [head, ping('between'), tail], [getPong('between'), whole, ...closes]),
  ...threeWays(9, 'final continuation of nothing, then text', [nothingToContinue(true), text('x')], [fails(1002)]),
  ...threeWays(12, 'continuation of nothing, then text', [nothingToContinue(false), text('x')], [fails(1002)]),
  {
    id: '5.15',
    title: 'text in two fragments, then a continuation of nothing, then text',
    script: [send(head, tail, more('nothing before'), text('x')), getTextFirst('first, last'), fails(1002)],
  },
  {
    id: '5.16',
    title: 'continuation of nothing, then text in two fragments, twice',
    script: [send(nothingToContinue(false), head, tail, nothingToContinue(false), head, tail), fails(1002)],
  },
  {
    id: '5.17',
    title: 'final continuation of nothing, then text in two fragments, twice',
    script: [send(nothingToContinue(true), head, tail, nothingToContinue(true), head, tail), fails(1002)],
  },
  {
    id: '5.18',
    title: 'two fragments that both have the opcode of text',
    script: [send(head, text('last')), fails(1002)],
  },
  { id: '5.19', title: 'five fragments and two Pings', script: pingsBetween(send) },
  { id: '5.20', title: 'five fragments and two Pings, frame by frame', script: pingsBetween(sendByFrame) },
];
