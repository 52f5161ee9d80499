import type { DeflateCodec, Deflater, Inflated, Inflater, LaterWork } from '@tidewire/protocol';
import { promptCodec } from './support.ts';

/** A codec that is done with what has `from` bytes or more when a test says so, in any order. */
export class LateCodec implements DeflateCodec {
  readonly minDeflateWindowBits = 8;
  readonly from: number;
  /** What is under way: each does its work and says that it is done. */
  readonly underWay: (() => void)[] = [];
  /** How many messages have been given to compressors. */
  deflated = 0;
  hasMemory = true;

  constructor(from: number) {
    this.from = from;
  }

  /** Finishes one, and then whatever that began. */
  finishAll(): void {
    while (this.underWay.length > 0) this.finish(0);
  }

  finish(index: number): void {
    for (const work of this.underWay.splice(index % Math.max(1, this.underWay.length), 1)) work();
  }

  createDeflater(windowBits: number, contextTakeover: boolean): Deflater {
    const deflater = promptCodec.createDeflater(windowBits, contextTakeover);
    const turn = new Turn(contextTakeover);
    return {
      deflate: (message) => turn.now(() => deflater.deflate(message)),
      beginDeflate: (message, done) => {
        this.deflated++;
        if (message.length < this.from) return turn.now(() => deflater.deflate(message));
        const finish = turn.begin();
        return this.#later(() => {
          finish();
          done(this.hasMemory ? deflater.deflate(message) : undefined);
        });
      },
    };
  }

  createInflater(windowBits: number, contextTakeover: boolean): Inflater {
    const inflater = promptCodec.createInflater(windowBits, contextTakeover);
    const turn = new Turn(contextTakeover);
    return {
      inflate: (message, maxLength) => turn.now(() => inflater.inflate(message, maxLength)),
      beginInflate: (message, maxLength, done): Inflated | LaterWork => {
        if (message.length < this.from) return turn.now(() => inflater.inflate(message, maxLength));
        const copy = Uint8Array.from(message);
        const finish = turn.begin();
        return this.#later(() => {
          finish();
          done(inflater.inflate(copy, maxLength));
        });
      },
    };
  }

  #later(work: () => void): LaterWork {
    this.underWay.push(work);
    return {
      cancel: () => {
        const at = this.underWay.indexOf(work);
        if (at >= 0) this.underWay.splice(at, 1);
      },
    };
  }
}

/** Holds who uses it to the rule that one message comes after the other where context is taken over. */
class Turn {
  readonly #matters: boolean;
  #isTaken = false;

  constructor(matters: boolean) {
    this.#matters = matters;
  }

  now<T>(action: () => T): T {
    if (this.#matters && this.#isTaken) throw new Error('The last message is still under way');
    return action();
  }

  begin(): () => void {
    this.now(() => {
      this.#isTaken = true;
    });
    return () => {
      this.#isTaken = false;
    };
  }
}
