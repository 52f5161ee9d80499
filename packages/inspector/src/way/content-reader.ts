import { nodePlatform } from '@tidewire/node';
import { type Inflater, Opcode } from '@tidewire/protocol';
import type { MessageData } from '../recording/index.ts';
import type { MessageDraft } from './message-draft.ts';

// What a message says: its payload inflated, and as text where it is text.

/**
 * A compressed message of as many bytes, or one that becomes larger than this, is not inflated: it would stop everything else
 * for too long, and could be a bomb. In bytes.
 */
export const MAX_INFLATED = 64 * 1024 * 1024;
export const MAX_COMPRESSED = 16 * 1024 * 1024;

const TOO_LARGE = 'It is too large to be decompressed here';
const NOT_DEFLATE = 'It cannot be decompressed (RFC 7692, 7.2.2)';
const AFTER_THAT = 'It cannot be decompressed, because one before it could not be';
const NOT_UTF8 = 'Text must be valid UTF-8 (RFC 6455, 8.1)';

export interface MessageContent {
  readonly data: MessageData;
  readonly length: number;
  readonly isCut: boolean;
  readonly problem: string | undefined;
  /** The whole payload uncompressed, of a message that was compressed; `undefined` if it could not be inflated. */
  readonly inflated: Uint8Array | undefined;
}

export class ContentReader {
  readonly #inflater: Inflater | undefined;
  readonly #takesOver: boolean;
  readonly #most: number;
  #hasLostContext = false;

  /**
   * @param takesOver whether a compressed message may refer to those before it
   * @param most bytes of a message that are kept
   */
  constructor(inflater: Inflater | undefined, takesOver: boolean, most: number) {
    this.#inflater = inflater;
    this.#takesOver = takesOver;
    this.#most = most;
  }

  read(draft: MessageDraft): MessageContent {
    if (!draft.isCompressed) return this.#show(draft, draft.kept, draft.payloadLength, undefined);
    const inflated = this.#inflate(draft);
    if (inflated === undefined) {
      const kept = draft.kept.slice(0, this.#most);
      const isCut = kept.length < draft.payloadLength;
      return { data: kept, length: draft.payloadLength, isCut, problem: draft.problem, inflated: undefined };
    }
    return this.#show(draft, inflated, inflated.length, inflated);
  }

  #inflate(draft: MessageDraft): Uint8Array | undefined {
    if (this.#inflater === undefined) return undefined;
    if (this.#hasLostContext) {
      draft.note(AFTER_THAT);
      return undefined;
    }
    const inflated = draft.isCut ? 'too-large' : this.#inflater.inflate(draft.kept, MAX_INFLATED);
    if (typeof inflated !== 'string') return inflated;
    draft.note(inflated === 'invalid' ? NOT_DEFLATE : TOO_LARGE);
    this.#hasLostContext = this.#takesOver;
    return undefined;
  }

  #show(draft: MessageDraft, payload: Uint8Array, length: number, inflated: Uint8Array | undefined): MessageContent {
    const isCut = length > this.#most;
    if (draft.opcode !== Opcode.TEXT) {
      // What is kept must not keep more than itself in memory.
      const isAlone = payload.length <= this.#most && payload.buffer.byteLength === payload.length;
      const data = isAlone ? payload : payload.slice(0, this.#most);
      return { data, length, isCut, problem: draft.problem, inflated };
    }
    const end = isCut ? characterEnd(payload, Math.min(this.#most, payload.length)) : payload.length;
    const text = nodePlatform.utf8Decode(payload, 0, end);
    if (text === undefined) draft.note(NOT_UTF8);
    const data = text ?? Buffer.from(payload.buffer, payload.byteOffset, end).toString('utf8');
    return { data, length, isCut, problem: draft.problem, inflated };
  }
}

/** The end of the last character that is whole in `bytes[0, end)`, if these are UTF-8. */
function characterEnd(bytes: Uint8Array, end: number): number {
  let start = end;
  while (start > 0 && end - start < 3 && ((bytes[start - 1] ?? 0) & 0xc0) === 0x80) start--;
  const lead = bytes[start - 1] ?? 0;
  const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start - 1 + size > end ? start - 1 : end;
}
