// What goes on in one direction, in its order, behind what is held or delayed. Knows nothing of what messages say.

/** What is to go on. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Whether a frame is not complete with it, or a message is not. */
  readonly endsWithinFrame: boolean;
  readonly endsWithinMessage: boolean;
  /** How many bytes of memory it takes beside `bytes`. */
  readonly alsoKeeps?: number;
  /** What really goes on, asked for when it does. Default: `bytes`. */
  readonly render?: (() => Uint8Array | undefined) | undefined;
}

/** A piece that waits, and all behind it. */
export interface WaitingPiece extends Piece {
  readonly seq: number;
  /** When it goes on, by `performance.now()`; infinity if somebody has to say so. */
  readonly due: number;
  /** Called when its time has come. */
  readonly passed: () => void;
}

/** What leaves here. */
export interface OutgoingSink {
  write(bytes: Uint8Array): void;
  /** Everything has left, and nothing more comes. */
  end(): void;
}

/** What a piece in the line takes beside its bytes, about. */
const ENTRY = 200;

interface Entry {
  piece: Piece;
  /** Set while it waits for its time or for somebody. */
  waiting: WaitingPiece | undefined;
}

export class Outgoing {
  readonly #sink: OutgoingSink;
  #line: Entry[] = [];
  /** Bytes in the line. */
  #waitingBytes = 0;
  #isWithinFrame = false;
  #isWithinMessage = false;
  /** What is put in as soon as no message is under way. */
  #insertions: Uint8Array[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** A Close frame behind which nothing goes on. */
  #last: Uint8Array | undefined;
  #hasClosed = false;
  #isEnding = false;

  constructor(sink: OutgoingSink) {
    this.#sink = sink;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Whether nothing waits, whatever it waits for. */
  get isEmpty(): boolean {
    return this.#line.length === 0 && this.#insertions.length === 0 && this.#last === undefined;
  }

  /** Whether nothing goes on any more. */
  get isClosed(): boolean {
    return this.#hasClosed;
  }

  /** Says where what went past this, straight to the sink, has ended. Only while nothing waits. */
  passedBy(isWithinFrame: boolean, isWithinMessage: boolean): void {
    this.#isWithinFrame = isWithinFrame;
    this.#isWithinMessage = isWithinMessage;
  }

  push(piece: Piece): void {
    if (this.#hasClosed) return;
    this.#add({ piece, waiting: undefined });
  }

  wait(piece: WaitingPiece): void {
    if (this.#hasClosed) return;
    this.#add({ piece, waiting: piece });
  }

  /** A control frame that overtakes what waits. */
  overtake(bytes: Uint8Array): void {
    if (this.#hasClosed || bytes.length === 0) return;
    this.#isWithinFrame = false;
    this.#sink.write(bytes);
    this.#flush();
  }

  /**
   * Lets a piece go that waits for somebody or for its time, as something else if `change` says so: `undefined` for nothing.
   * @returns whether it was there
   */
  release(seq: number, change?: { readonly piece: Piece | undefined }): boolean {
    const at = this.#line.findIndex(({ waiting }) => waiting?.seq === seq);
    const entry = this.#line[at];
    if (entry === undefined) return false;
    entry.waiting = undefined;
    if (change !== undefined) {
      this.#waitingBytes -= sizeOf(entry.piece);
      if (change.piece === undefined) this.#line.splice(at, 1);
      else entry.piece = change.piece;
      this.#waitingBytes += change.piece === undefined ? 0 : sizeOf(change.piece);
    }
    this.#flush();
    return true;
  }

  /** Puts in a whole frame as soon as no message is under way. Nothing that waits holds it up. */
  insert(bytes: Uint8Array): void {
    if (this.#hasClosed || this.#isEnding) return;
    this.#insertions.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#flush();
  }

  /** Puts in a Close frame as soon as no frame is under way. Nothing goes on behind it, and what waits is forgotten. */
  close(bytes: Uint8Array): void {
    if (this.#hasClosed || this.#last !== undefined) return;
    this.#last = bytes;
    this.#flush();
  }

  /** Nothing more comes: when all that waits has gone on, the sink is told. */
  end(): void {
    this.#isEnding = true;
    this.#flush();
  }

  /** Forgets what waits. Returns the numbers of what would have needed somebody or time. */
  abandon(): number[] {
    clearTimeout(this.#timer);
    const numbers = this.#line.flatMap(({ waiting }) => waiting?.seq ?? []);
    this.#line = [];
    this.#insertions = [];
    this.#waitingBytes = 0;
    this.#hasClosed = true;
    return numbers;
  }

  #add(entry: Entry): void {
    this.#line.push(entry);
    this.#waitingBytes += sizeOf(entry.piece);
    this.#flush();
  }

  #flush(): void {
    for (;;) {
      if (this.#last !== undefined && !this.#isWithinFrame) this.#close(this.#last);
      if (this.#hasClosed) break;
      if (!this.#isWithinFrame && !this.#isWithinMessage) this.#insert();
      const [first] = this.#line;
      if (first === undefined || !this.#isDue(first)) break;
      this.#line.shift();
      this.#waitingBytes -= sizeOf(first.piece);
      this.#write(first.piece);
      first.waiting?.passed();
    }
    if (this.#isEnding && (this.#hasClosed || this.#line.length === 0)) this.#sink.end();
  }

  #write({ bytes, render, endsWithinFrame, endsWithinMessage }: Piece): void {
    const rendered = render === undefined ? bytes : render();
    if (rendered === undefined || this.#hasClosed) return;
    this.#isWithinFrame = endsWithinFrame;
    this.#isWithinMessage = endsWithinMessage;
    if (rendered.length > 0) this.#sink.write(rendered);
  }

  #insert(): void {
    const insertions = this.#insertions;
    if (insertions.length === 0) return;
    this.#insertions = [];
    for (const bytes of insertions) {
      this.#waitingBytes -= bytes.length;
      this.#sink.write(bytes);
    }
  }

  #close(bytes: Uint8Array): void {
    this.#last = undefined;
    this.#hasClosed = true;
    this.#sink.write(bytes);
  }

  #isDue({ waiting }: Entry): boolean {
    if (waiting === undefined) return true;
    const left = waiting.due - performance.now();
    if (left <= 0) return true;
    clearTimeout(this.#timer);
    if (left !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#flush(), Math.ceil(left));
    return false;
  }
}

function sizeOf({ bytes, alsoKeeps = 0 }: Piece): number {
  return ENTRY + bytes.length + alsoKeeps;
}
