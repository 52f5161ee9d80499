// The tester's own permessage-deflate (RFC 7692), over node:zlib. Every message is compressed or inflated on its own, with
// what the window would hold handed in as a dictionary: so the tester knows exactly how far back a message may refer.
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

/** How one direction was agreed. */
export interface Direction {
  readonly windowBits: number;
  readonly contextTakeover: boolean;
}

/** What both sides agreed on, by who sends. */
export interface Agreement {
  readonly server: Direction;
  readonly client: Direction;
}

const emptyBlock = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** Compresses one message as RFC 7692, 7.2.1 says, the window holding `history`. */
export function compress(message: Uint8Array, windowBits = 15, history?: Uint8Array): Buffer {
  const compressed = deflateRawSync(message, {
    finishFlush: constants.Z_SYNC_FLUSH,
    level: 1,
    windowBits,
    // zlib uses a little less than the window: what it promises with 9 bits never refers further back than 250 bytes.
    ...(history === undefined || history.length === 0 ? {} : { dictionary: history }),
  });
  return compressed.subarray(0, compressed.length - 4);
}

/** The compressor of one direction of one connection. */
export class Compressor {
  readonly #direction: Direction;
  #history: Uint8Array = new Uint8Array();

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  compress(message: Uint8Array): Buffer {
    const { windowBits, contextTakeover } = this.#direction;
    const compressed = compress(message, windowBits, this.#history);
    if (contextTakeover) this.#history = remember(this.#history, message, windowBits);
    return compressed;
  }
}

/** How much of each connection is inflated with an output buffer so small that no reference can leave the window unseen. */
const closelyWatched = 65_536;

/** The decompressor of one direction of one connection. @throws Error from `inflate` for data that breaks the agreement */
export class Decompressor {
  readonly #direction: Direction;
  #history: Uint8Array = new Uint8Array();
  #seen = 0;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  inflate(payload: Uint8Array): Buffer {
    const { windowBits, contextTakeover } = this.#direction;
    const watched = windowBits < 15 && this.#seen < closelyWatched;
    const message = inflateRawSync(Buffer.concat([payload, emptyBlock]), {
      finishFlush: constants.Z_SYNC_FLUSH,
      windowBits,
      ...(watched ? { chunkSize: 64 } : {}),
      ...(this.#history.length === 0 ? {} : { dictionary: this.#history }),
    });
    this.#seen += message.length;
    if (contextTakeover) this.#history = remember(this.#history, message, windowBits);
    return message;
  }
}

function remember(history: Uint8Array, message: Uint8Array, windowBits: number): Uint8Array {
  const window = 1 << windowBits;
  if (message.length >= window) return message.subarray(message.length - window);
  return Buffer.concat([history, message]).subarray(-window);
}

export type Parameters = ReadonlyMap<string, string | undefined>;

/** The parameters of the first extension in a Sec-WebSocket-Extensions value, which must be permessage-deflate. */
export function deflateParameters(header: string): Parameters {
  const [first = ''] = header.split(',');
  const [name = '', ...parameters] = first.split(';').map((part) => part.trim());
  if (name !== 'permessage-deflate') throw new Error(`not permessage-deflate: ${header}`);
  const found = new Map<string, string | undefined>();
  for (const parameter of parameters) {
    const [key = '', value] = parameter.split('=').map((part) => part.trim());
    if (found.has(key)) throw new Error(`${key} comes twice: ${header}`);
    found.set(key, value?.replace(/^"(.*)"$/, '$1'));
  }
  return found;
}

/** What the parameters of an answer mean (7.1). */
export function agreementOf(answer: Parameters): Agreement {
  const direction = (side: 'server' | 'client'): Direction => ({
    windowBits: Number(answer.get(`${side}_max_window_bits`) ?? 15),
    contextTakeover: !answer.has(`${side}_no_context_takeover`),
  });
  return { server: direction('server'), client: direction('client') };
}
