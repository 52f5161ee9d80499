// D.1 to D.6: the parameters of permessage-deflate (RFC 7692, 7.1), as offers to a server and as answers to a client. An
// offer that breaks a rule is declined: the connection opens without compression. Such an answer fails the connection.
import type { Parameters } from '../deflate.ts';
import type { Case, Role } from '../table.ts';
import { closes, getText, send, text } from '../words.ts';

const server: readonly Role[] = ['server'];
const client: readonly Role[] = ['client'];
const works = [send(text('x')), getText('x'), ...closes];

const known = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
];

/** The answer holds nothing but what 7.1 knows, with values in range, and meets `also`. */
const valid =
  (also: (answer: Parameters) => boolean = () => true) =>
  (answer: Parameters): boolean =>
    [...answer].every(([name, value]) =>
      name.endsWith('bits') ? /^([89]|1[0-5])$/.test(value ?? '') : value === undefined && known.includes(name),
    ) && also(answer);

const atMost = (name: string, bits: number) => (answer: Parameters) => Number(answer.get(name) ?? 16) <= bits;
const noLimitForClient = (answer: Parameters): boolean => !answer.has('client_max_window_bits');

/** 7.1: offers that a server can take, and what its answer must say. */
const goodOffers: readonly (readonly [string, (answer: Parameters) => boolean])[] = [
  // 7.1.2.2: no client_max_window_bits in the answer unless the offer has it.
  ['', noLimitForClient],
  ['; server_no_context_takeover', (answer) => answer.has('server_no_context_takeover')],
  ['; client_no_context_takeover', noLimitForClient],
  ...[8, 9, 10, 11, 12, 13, 14, 15].map(
    (bits) => [`; server_max_window_bits=${bits}`, atMost('server_max_window_bits', bits)] as const,
  ),
  ['; client_max_window_bits', () => true],
  ['; client_max_window_bits=8', (answer) => Number(answer.get('client_max_window_bits') ?? 8) <= 8],
  ['; client_max_window_bits=10', (answer) => Number(answer.get('client_max_window_bits') ?? 8) <= 10],
  ['; client_max_window_bits=15', () => true],
  ['; server_max_window_bits="10"', atMost('server_max_window_bits', 10)],
  ['; client_max_window_bits="10"', (answer) => Number(answer.get('client_max_window_bits') ?? 8) <= 10],
  [
    '; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=11',
    (answer) => answer.has('server_no_context_takeover') && atMost('server_max_window_bits', 12)(answer),
  ],
  ['  ;  client_max_window_bits ;server_max_window_bits=10 ', atMost('server_max_window_bits', 10)],
];

/** Values that no window may have: digits only, no leading zero, 8 to 15 (7.1.2.1, 7.1.2.2). */
const badBits = [
  '0',
  '7',
  '16',
  '99',
  '1e1',
  '010',
  '08',
  '+10',
  '-10',
  '0x0a',
  '10.0',
  '1_0',
  'ten',
  '"16"',
  '"010"',
  '99999999999999999999',
];
/** What the grammar of the header does not even allow (RFC 6455, 9.1). */
const malformed = [
  '; server_max_window_bits=',
  '; server_max_window_bits=""',
  '; server_max_window_bits="10',
  '; server_max_window_bits=10 11',
  '; server_max_window_bits=" 10"',
  '; =10',
  ';',
  '; ; server_no_context_takeover',
  '; server_max_window_bits=١٠',
];
/** Broken for an offer and for an answer alike. */
const bad: readonly string[] = [
  '; server_max_window_bits',
  ...badBits.map((value) => `; server_max_window_bits=${value}`),
  ...badBits.map((value) => `; client_max_window_bits=${value}`),
  // 7.1.1: these have no value.
  '; server_no_context_takeover=1',
  '; client_no_context_takeover=1',
  '; server_no_context_takeover=true',
  // 7.1: no parameter twice.
  '; server_no_context_takeover; server_no_context_takeover',
  '; client_no_context_takeover; client_no_context_takeover',
  '; server_max_window_bits=10; server_max_window_bits=10',
  '; client_max_window_bits=10; client_max_window_bits=10',
  // 7.1: no parameter that is not defined.
  '; max_window_bits=10',
  '; server_max_window_bits=10; mystery',
  '; SERVER_NO_CONTEXT_TAKEOVER=8',
];

function offer(
  id: string,
  value: string | readonly string[],
  agreed: ((answer: Parameters) => boolean) | 'declined',
): Case {
  return {
    id,
    title: `offer: ${typeof value === 'string' ? value : value.join(' | ')}`,
    roles: server,
    opening: { request: { 'Sec-WebSocket-Extensions': value }, agreed },
    script: works,
  };
}

const several: readonly (readonly [string | readonly string[], (answer: Parameters) => boolean])[] = [
  ['permessage-deflate; mystery, permessage-deflate', valid()],
  [
    'permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=9',
    valid(atMost('server_max_window_bits', 9)),
  ],
  ['x-nothing, permessage-deflate', valid()],
  ['x-nothing; a="b"; permessage-deflate, permessage-deflate', valid()],
  [
    ['permessage-deflate; mystery', 'permessage-deflate; server_no_context_takeover'],
    valid((answer) => answer.has('server_no_context_takeover')),
  ],
  [
    'permessage-deflate; server_no_context_takeover, permessage-deflate',
    valid((answer) => answer.has('server_no_context_takeover')),
  ],
];

const offers: readonly Case[] = [
  ...goodOffers.map(([parameters, also], n) => offer(`D.1.${n + 1}`, `permessage-deflate${parameters}`, valid(also))),
  ...['; client_max_window_bits; client_max_window_bits', ...bad].map((parameters, n) =>
    offer(`D.2.${n + 1}`, `permessage-deflate${parameters}`, 'declined'),
  ),
  ...several.map(([value, agreed], n) => offer(`D.3.${n + 1}`, value, agreed)),
  offer('D.3.7', 'x-nothing', 'declined'),
  offer('D.3.8', 'permessage-deflate-not', 'declined'),
];

/** RFC 6455, 9.1 leaves it to the server what to do about a header that is malformed: it may also refuse. */
const malformedOffers: readonly Case[] = malformed.map((parameters, n) => ({
  id: `D.4.${n + 1}`,
  title: `malformed offer: permessage-deflate${parameters}`,
  roles: server,
  opening: {
    request: { 'Sec-WebSocket-Extensions': `permessage-deflate${Buffer.from(parameters).toString('latin1')}` },
    agreed: 'declined',
    mayRefuse: [400],
  },
  script: works,
}));

const goodAnswers = [
  '',
  '; server_no_context_takeover',
  '; client_no_context_takeover',
  ...[8, 9, 12, 15].map((bits) => `; server_max_window_bits=${bits}`),
  '; server_max_window_bits="10"',
  ...[8, 9, 12, 15].map((bits) => `; client_max_window_bits=${bits}`),
  '; client_max_window_bits="10"',
  '; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=9',
];

const badAnswers = [
  ...bad.map((parameters) => `permessage-deflate${parameters}`),
  // 7.1.2.2: in an answer this one has a value.
  'permessage-deflate; client_max_window_bits',
  ...malformed.map((parameters) => `permessage-deflate${Buffer.from(parameters).toString('latin1')}`),
  // 7: one permessage-deflate at most, and nothing that was not offered.
  'permessage-deflate, permessage-deflate',
  'permessage-deflate, x-nothing',
  'x-nothing, permessage-deflate',
];

const answers: readonly Case[] = [
  ...goodAnswers.map((parameters, n) => ({
    id: `D.5.${n + 1}`,
    title: `answer: permessage-deflate${parameters}`,
    roles: client,
    opening: { deflate: true, response: { 'Sec-WebSocket-Extensions': `permessage-deflate${parameters}` } },
    script: works,
  })),
  ...badAnswers.map((value, n) => ({
    id: `D.6.${n + 1}`,
    title: `answer: ${value}`,
    roles: client,
    opening: {
      deflate: true,
      response: { 'Sec-WebSocket-Extensions': value },
      outcome: { refused: [] },
    },
    script: [],
  })),
  {
    id: 'D.6.99',
    title: 'answer: permessage-deflate to a client that did not offer it',
    roles: client,
    opening: {
      response: { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
      outcome: { refused: [] },
    },
    script: [],
  },
];

export const deflateParameterRules: readonly Case[] = [...offers, ...malformedOffers, ...answers];
