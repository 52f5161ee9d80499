// Sections 12 and 13: many compressed messages of eighteen shapes; 12 with five kinds of data and the usual offer, 13 with
// JSON and seven ways to agree on the parameters (RFC 7692, 7.1).
import { type Sample, samples, slice } from '../data.ts';
import type { Parameters } from '../deflate.ts';
import type { Case, Opening } from '../table.ts';
import { closes, echo } from '../words.ts';

const KiB = 1024;

/** Payload bytes of a message before compression, and of a frame after it. */
const shapes: readonly (readonly [length: number, fragment?: number])[] = [
  ...[16, 64, 256, KiB, 4 * KiB, 8 * KiB, 16 * KiB, 32 * KiB, 64 * KiB, 128 * KiB].map((length) => [length] as const),
  ...[8 * KiB, 16 * KiB, 32 * KiB, 64 * KiB, 128 * KiB].map((length) => [length, 256] as const),
  [128 * KiB, KiB],
  [128 * KiB, 4 * KiB],
  [128 * KiB, 32 * KiB],
];

/**
 * How many messages a case sends: 1000, as the numbers stand for, when the whole is asked for (CONFORMANCE=full, some ten
 * minutes); otherwise no more of them than make 2 MiB, so that all of them do up to 2 KiB.
 */
function count(length: number): number {
  return process.env.CONFORMANCE === 'full' ? 1000 : Math.min(1000, Math.ceil((2 * KiB * KiB) / length));
}

function rows(section: string, sample: Sample, how: string, opening: Opening): Case[] {
  return shapes.map(([length, fragment], n) => {
    const messages = count(length);
    return {
      id: `${section}.${n + 1}`,
      title: `${messages} messages of ${length} bytes of ${sample.title}${fragment ? ` in frames of ${fragment}` : ''}${how}`,
      opening,
      script: [
        echo({
          type: sample.type,
          count: messages,
          name: `${sample.title} ${length}`,
          message: (m) => slice(sample.data, length, m),
          ...(fragment === undefined ? {} : { fragment }),
          window: Math.max(2, Math.min(32, Math.floor((256 * KiB) / length))),
        }),
        ...closes,
      ],
    };
  });
}

const usual = 'permessage-deflate; client_no_context_takeover; client_max_window_bits';

function opening(offer: string, answer: string, agreed: (answer: Parameters) => boolean): Opening {
  return {
    request: { 'Sec-WebSocket-Extensions': offer },
    agreed,
    response: { 'Sec-WebSocket-Extensions': answer },
    deflate: true,
  };
}

const withinWindow = (bits: number) => (answer: Parameters) =>
  Number(answer.get('server_max_window_bits') ?? 16) <= bits;
const alone = (answer: Parameters): boolean => answer.has('server_no_context_takeover');

/** What the tester asks for: of the server by its offer, of the client by its answer. */
const agreements: readonly (readonly [title: string, opening: Opening])[] = [
  ['nothing asked for', opening(usual, 'permessage-deflate', () => true)],
  [
    'no context takeover',
    opening(`${usual}; server_no_context_takeover`, 'permessage-deflate; client_no_context_takeover', alone),
  ],
  [
    'a window of 8 bits',
    opening(`${usual}; server_max_window_bits=8`, 'permessage-deflate; client_max_window_bits=8', withinWindow(8)),
  ],
  [
    'a window of 15 bits',
    opening(`${usual}; server_max_window_bits=15`, 'permessage-deflate; client_max_window_bits=15', withinWindow(15)),
  ],
  [
    'no context takeover and a window of 8 bits',
    opening(
      `${usual}; server_no_context_takeover; server_max_window_bits=8`,
      'permessage-deflate; client_no_context_takeover; client_max_window_bits=8',
      (answer) => alone(answer) && withinWindow(8)(answer),
    ),
  ],
  [
    'no context takeover and a window of 15 bits',
    opening(
      `${usual}; server_no_context_takeover; server_max_window_bits=15`,
      'permessage-deflate; client_no_context_takeover; client_max_window_bits=15',
      (answer) => alone(answer) && withinWindow(15)(answer),
    ),
  ],
  [
    'the first of three offers that can be met',
    opening(
      `${usual}; server_no_context_takeover; server_max_window_bits=8, ${usual}; server_no_context_takeover, ${usual}`,
      'permessage-deflate; client_no_context_takeover; client_max_window_bits=8',
      (answer) => alone(answer) && withinWindow(8)(answer),
    ),
  ],
];

export const compressionOf = (n: number): readonly Case[] => {
  const sample = samples[n];
  if (sample === undefined) throw new RangeError(`there is no sample ${n}`);
  return rows(
    `12.${n + 1}`,
    sample,
    '',
    opening(usual, 'permessage-deflate', () => true),
  );
};

export const compressionAgreed = (n: number): readonly Case[] => {
  const [sample] = samples;
  const agreement = agreements[n];
  if (sample === undefined || agreement === undefined) throw new RangeError(`there is no agreement ${n}`);
  const [title, how] = agreement;
  return rows(`13.${n + 1}`, sample, `, ${title}`, how);
};

export const compression: readonly Case[] = samples.flatMap((_, n) => compressionOf(n));
export const agreedCompression: readonly Case[] = agreements.flatMap((_, n) => compressionAgreed(n));
