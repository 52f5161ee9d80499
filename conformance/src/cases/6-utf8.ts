// Section 6: text is UTF-8 (RFC 6455, 5.6 and 8.1), and what is not fails at the first bad byte. The rows `U.` are our own:
// each invalid sequence again, sent only up to that byte, inside a frame that is not complete.
import type { Case, Step } from '../table.ts';
import {
  begin,
  bytes,
  closes,
  fails,
  fragmented,
  getPong,
  getText,
  goOn,
  hex,
  last,
  more,
  open,
  ping,
  send,
  TEXT,
  text,
} from '../words.ts';
import { firstBadByte, groups } from './6-utf8-sequences.ts';

const greek = 'κόσμε';
const accents = 'Grüße-µ@ßöäüàá-Ünïcödé!!';
const surrogateInside = hex('cebae1bdb9cf83cebcceb5 eda080 656469746564');

/** Valid, then beyond U+10FFFF so that the 13th byte is the bad one, then valid. */
const good = hex('cebae1bdb9cf83cebcceb5');
const tooLarge = hex('f4908080');
const rest = bytes('edited');
const whole = Buffer.concat([good, tooLarge, rest]);

/** Shows that what was sent so far is taken: a Ping between the fragments is answered. */
const stillOpen: readonly Step[] = [send(ping('so far?')), getPong('so far?')];

const failFast: readonly Case[] = [
  {
    id: '6.4.1',
    title: 'the second of three fragments goes beyond U+10FFFF',
    script: [send(open(TEXT, good)), ...stillOpen, send(more(tooLarge)), fails(1007, [], [last(rest)])],
  },
  {
    id: '6.4.2',
    title: 'the second of three fragments ends with the bad byte',
    script: [
      send(open(TEXT, whole.subarray(0, 12))),
      ...stillOpen,
      send(more(whole.subarray(12, 13))),
      fails(1007, [], [last(whole.subarray(13))]),
    ],
  },
  {
    id: '6.4.3',
    title: 'the second of three writes of one frame goes beyond U+10FFFF',
    script: [begin(text(whole), good.length), goOn(tooLarge.length), fails(1007, [], 'the remainder')],
  },
  {
    id: '6.4.4',
    title: 'the second of three writes of one frame ends with the bad byte',
    script: [begin(text(whole), 12), goOn(1), fails(1007, [], 'the remainder')],
  },
];

const sequences: readonly Case[] = groups.flatMap((group, n) =>
  group.sequences.map(([valid, sequence], m) => ({
    id: `6.${n + 5}.${m + 1}`,
    title: `${group.title}: ${Buffer.from(sequence).toString('hex')}`,
    script: valid ? [send(text(sequence)), getText(sequence), ...closes] : [send(text(sequence)), fails(1007)],
  })),
);

const onlyUpToTheBadByte: readonly Case[] = groups.flatMap((group, n) =>
  group.sequences.flatMap(([, sequence], m) => {
    const count = firstBadByte(sequence);
    if (count === undefined) return [];
    return {
      id: `U.${n + 5}.${m + 1}`,
      title: `only ${Buffer.from(sequence.subarray(0, count)).toString('hex')} of a longer frame`,
      script: [begin(text(Buffer.concat([sequence, rest])), count), fails(1007, [], 'the remainder')],
    };
  }),
);

export const utf8: readonly Case[] = [
  { id: '6.1.1', title: 'text without payload', script: [send(text('')), getText(''), ...closes] },
  {
    id: '6.1.2',
    title: 'three fragments without payload',
    script: [send(open(TEXT, ''), more(), last()), getText(''), ...closes],
  },
  {
    id: '6.1.3',
    title: 'three fragments, the first and the last without payload',
    script: [send(open(TEXT, ''), more('middle'), last()), getText('middle'), ...closes],
  },
  { id: '6.2.1', title: 'valid text', script: [send(text(accents)), getText(accents), ...closes] },
  {
    id: '6.2.2',
    title: 'valid text in two fragments between characters',
    script: [send(...fragmented('text', ['Grüße-µ@ß', 'öäüàá-Ünïcödé!!'])), getText(accents), ...closes],
  },
  {
    id: '6.2.3',
    title: 'valid text in fragments of one byte',
    script: [send(...fragmented('text', accents, 1)), getText(accents), ...closes],
  },
  {
    id: '6.2.4',
    title: 'valid Greek in fragments of one byte',
    script: [send(...fragmented('text', greek, 1)), getText(greek), ...closes],
  },
  { id: '6.3.1', title: 'a surrogate inside', script: [send(text(surrogateInside)), fails(1007)] },
  {
    id: '6.3.2',
    title: 'a surrogate inside, in fragments of one byte',
    script: [send(...fragmented('text', surrogateInside, 1)), fails(1007)],
  },
  ...failFast,
  ...sequences,
  ...onlyUpToTheBadByte,
];
