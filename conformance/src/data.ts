// Made-up data of the kinds that sections 12 and 13 compress: JSON, a picture, prose, HTML and a document that is mostly
// compressed already. The same in each run.

function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const size = 256 * 1024;
const syllables = 'ba der ein ge heit in ka lich men no pre ra schaft tung ung ver wal xa zu'.split(' ');

function written(seed: number, piece: (random: () => number, n: number) => string): Uint8Array {
  const random = randomNumbers(seed);
  let all = '';
  for (let n = 0; all.length < size; n++) all += piece(random, n);
  return new TextEncoder().encode(all.slice(0, size));
}

function word(random: () => number): string {
  let made = '';
  for (let left = 1 + Math.floor(random() * 4); left > 0; left--) {
    made += syllables[Math.floor(random() * syllables.length)] ?? '';
  }
  return made;
}

function json(): Uint8Array {
  return written(
    1,
    (random, n) =>
      `{"id":${n},"name":"${word(random)}","tags":["${word(random)}","${word(random)}"],"score":${random().toFixed(6)}},\n`,
  );
}

function prose(): Uint8Array {
  return written(3, (random, n) => word(random) + (n % 12 === 11 ? '.\r\n' : ' '));
}

function html(): Uint8Array {
  return written(
    4,
    (random, n) => `<tr class="row"><td>${n}</td><td><a href="/${word(random)}">${word(random)}</a></td></tr>\n`,
  );
}

/** Brightness that changes slowly, with noise. */
function picture(): Uint8Array {
  const random = randomNumbers(2);
  return Uint8Array.from({ length: size }, (_, n) => 128 + 90 * Math.sin(n / 97) * Math.cos(n / 40_000) + random() * 6);
}

function document(): Uint8Array {
  const random = randomNumbers(5);
  const head = html();
  return Uint8Array.from({ length: size }, (_, n) => (n % 40_000 < 4_000 ? (head[n] ?? 0) : random() * 256));
}

export interface Sample {
  readonly title: string;
  readonly type: 'text' | 'binary';
  readonly data: Uint8Array;
}

/** In the order of Autobahn's 12.1 to 12.5. */
export const samples: readonly Sample[] = [
  { title: 'JSON', type: 'text', data: json() },
  { title: 'a picture', type: 'binary', data: picture() },
  { title: 'prose', type: 'binary', data: prose() },
  { title: 'HTML', type: 'text', data: html() },
  { title: 'a document', type: 'binary', data: document() },
];

/** The n-th slice of `length` bytes, going round and round. */
export function slice(data: Uint8Array, length: number, n: number): Uint8Array {
  const start = (length * n) % data.length;
  const end = start + length;
  if (end <= data.length) return data.subarray(start, end);
  return Buffer.concat([data.subarray(start), data.subarray(0, end - data.length)]);
}
