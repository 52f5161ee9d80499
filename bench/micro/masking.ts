import { compare, type Way } from './compare.ts';

// Ways to unmask a payload (RFC 6455, 5.3) where it stands. Setting up a view of words costs what a hundred bytes cost
// one by one; from there on words win, and more so with eight a turn.

const KEY = 0x12345678;

function bytes(payload: Uint8Array): void {
  const key = [0x12, 0x34, 0x56, 0x78];
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (key[i & 3] ?? 0);
}

function bytesByFour(payload: Uint8Array): void {
  let i = 0;
  for (; i + 4 <= payload.length; i += 4) {
    payload[i] = (payload[i] as number) ^ 0x12;
    payload[i + 1] = (payload[i + 1] as number) ^ 0x34;
    payload[i + 2] = (payload[i + 2] as number) ^ 0x56;
    payload[i + 3] = (payload[i + 3] as number) ^ 0x78;
  }
  for (; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (KEY >>> (24 - (i & 3) * 8));
}

/** All sizes here are multiples of 4, and all payloads begin where a word does. */
function words(payload: Uint8Array): void {
  const view = new Int32Array(payload.buffer, payload.byteOffset, payload.length >>> 2);
  for (let i = 0; i < view.length; i++) view[i] = (view[i] as number) ^ KEY;
}

function wordsByEight(payload: Uint8Array): void {
  const view = new Int32Array(payload.buffer, payload.byteOffset, payload.length >>> 2);
  let i = 0;
  for (; i + 8 <= view.length; i += 8) {
    view[i] = (view[i] as number) ^ KEY;
    view[i + 1] = (view[i + 1] as number) ^ KEY;
    view[i + 2] = (view[i + 2] as number) ^ KEY;
    view[i + 3] = (view[i + 3] as number) ^ KEY;
    view[i + 4] = (view[i + 4] as number) ^ KEY;
    view[i + 5] = (view[i + 5] as number) ^ KEY;
    view[i + 6] = (view[i + 6] as number) ^ KEY;
    view[i + 7] = (view[i + 7] as number) ^ KEY;
  }
  for (; i < view.length; i++) view[i] = (view[i] as number) ^ KEY;
}

type Unmask = (payload: Uint8Array, key: Uint8Array) => void;

/** The native add-on that `ws` can use, if it is installed. */
async function bufferutil(): Promise<Unmask | undefined> {
  const name: string = 'bufferutil';
  try {
    return (await import(name)).default.unmask;
  } catch {
    return undefined;
  }
}

export async function masking(): Promise<void> {
  const native = await bufferutil();
  const key = Uint8Array.of(0x12, 0x34, 0x56, 0x78);
  await compare('Unmasking', [16, 64, 128, 1024, 16_384, 65_536], (size) => {
    const payload = new Uint8Array(size);
    const ways: Way[] = [
      { name: 'bytes', run: () => bytes(payload) },
      { name: 'bytes, four a turn', run: () => bytesByFour(payload) },
      { name: '32-bit words', run: () => words(payload) },
      { name: '32-bit words, eight a turn', run: () => wordsByEight(payload) },
    ];
    if (native !== undefined) ways.push({ name: 'bufferutil (native)', run: () => native(payload, key) });
    return ways;
  });
}
