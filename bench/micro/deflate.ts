import { oneShotCodec, stayingCodec } from '@tidewire/node';
import type { DeflateCodec } from '@tidewire/protocol';
import { compressed, payloadsOf } from '../src/load/payloads.ts';
import { compare, type Way } from './compare.ts';

// permessage-deflate in both directions on events of a chat as JSON, with engines of zlib that stay and with one for
// each message.

const events = payloadsOf({ type: 'json' });
const LIMIT = 1024 * 1024;

const codecs = { 'engines that stay': stayingCodec, 'an engine for each message': oneShotCodec };

export async function deflate(): Promise<void> {
  await compare('Compressing JSON', [128, 1024], (size) =>
    each((codec, takesOver) => {
      const next = inTurn(messages(size));
      const deflater = codec.createDeflater(15, takesOver);
      return () => deflater.deflate(next());
    }),
  );
  await compare('Decompressing JSON', [128, 1024], (size) =>
    each((codec, takesOver) => {
      const next = inTurn(messages(size).map(compressed));
      const inflater = codec.createInflater(15, takesOver);
      return () => inflater.inflate(next(), LIMIT);
    }),
  );
}

function each(run: (codec: DeflateCodec, takesOver: boolean) => () => unknown): Way[] {
  return Object.entries(codecs).flatMap(([name, codec]) => [
    { name, run: run(codec, false) },
    { name: `${name}, context taken over`, run: run(codec, true) },
  ]);
}

function messages(size: number): Buffer[] {
  const all = Buffer.concat(events);
  return Array.from({ length: 32 }, (_, i) => all.subarray(i * 1024, i * 1024 + size));
}

function inTurn(all: readonly Buffer[]): () => Buffer {
  let i = 0;
  return () => all[i++ % all.length] ?? Buffer.alloc(0);
}
