import type { MessageRecord } from './recording/index.ts';

// The latest messages, by their numbers, which have no gaps. Bounded by bytes and by count.

/** What a record takes beside its content, in bytes, about. */
const RECORD = 300;

/** From so many empty places on they are done away with. */
const MOST_EMPTY = 4096;

export interface RingLimits {
  readonly bytes: number;
  readonly messages: number;
}

export class Ring {
  readonly #limits: RingLimits;
  #records: (MessageRecord | undefined)[] = [];
  /** Where the oldest is. */
  #head = 0;
  #firstSeq = 1;
  #bytes = 0;
  #fellOut = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** The number of the oldest that is kept, or of the next if none is. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** The number that the next one gets. */
  get nextSeq(): number {
    return this.#firstSeq + this.#records.length - this.#head;
  }

  /** How many had to make room for later ones. */
  get fellOut(): number {
    return this.#fellOut;
  }

  /** What the records take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  get(seq: number): MessageRecord | undefined {
    return seq < this.#firstSeq ? undefined : this.#records[seq - this.#firstSeq + this.#head];
  }

  /** Its number must be `nextSeq`. */
  push(record: MessageRecord): void {
    this.#records.push(record);
    this.#bytes += sizeOf(record);
    this.#makeRoom();
  }

  /** Puts a record in place of the one with its number. Returns whether that is still kept. */
  replace(record: MessageRecord): boolean {
    const before = this.get(record.seq);
    if (before === undefined) return false;
    this.#records[record.seq - this.#firstSeq + this.#head] = record;
    this.#bytes += sizeOf(record) - sizeOf(before);
    this.#makeRoom();
    return true;
  }

  clear(): void {
    this.#firstSeq = this.nextSeq;
    this.#records = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  *values(from = this.#firstSeq): Generator<MessageRecord> {
    for (let at = Math.max(this.#head, from - this.#firstSeq + this.#head); at < this.#records.length; at++) {
      const record = this.#records[at];
      if (record !== undefined) yield record;
    }
  }

  /** The latest stays, however large it is. */
  #makeRoom(): void {
    const { bytes, messages } = this.#limits;
    while (this.#records.length - this.#head > 1) {
      if (this.#bytes <= bytes && this.#records.length - this.#head <= messages) break;
      const oldest = this.#records[this.#head];
      this.#records[this.#head++] = undefined;
      this.#firstSeq++;
      this.#fellOut++;
      if (oldest !== undefined) this.#bytes -= sizeOf(oldest);
    }
    if (this.#head < MOST_EMPTY || this.#head * 2 < this.#records.length) return;
    this.#records = this.#records.slice(this.#head);
    this.#head = 0;
  }
}

function sizeOf({ data, original, problem }: MessageRecord): number {
  return RECORD + data.length + (original?.length ?? 0) + (problem?.length ?? 0);
}
