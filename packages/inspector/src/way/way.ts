import { nodePlatform } from '@tidewire/node';
import { Opcode } from '@tidewire/protocol';
import type { Direction, Fate, MessageData, MessageRecord, Rule } from '../recording/index.ts';
import { frameOf } from './framing.ts';
import { Gathering } from './gathering.ts';
import { type Compression, MessageReader, type ReadMessage } from './message-reader.ts';
import { Outgoing, type Piece } from './outgoing.ts';

// One direction of a connection. As long as nobody wants to change anything, bytes go on exactly as they came, before anything
// else is done with them, and are read afterwards. When a rule may concern a message, or something is to be put in, messages are
// gathered whole and go on one by one; what is not touched still goes on as it came, byte for byte.
//
// Without a compressed message that the others behind it refer to, these could not be decompressed. So once one has not gone on
// as it came, all that follow it in this direction go on uncompressed, which RFC 7692 always allows.

/** Bytes of what waits in one direction: when it is more, nothing further is read. */
export const MAX_WAITING = 16 * 1024 * 1024;

export interface WayOptions {
  readonly direction: Direction;
  readonly compression: Compression | undefined;
  /** Bytes of a message that are kept. */
  readonly most: number;
  /** Why nothing of it can be read, if that is so. */
  readonly unreadable?: string | undefined;
}

/** What a way asks of the connection that it is one of. */
export interface WayHost {
  write(bytes: Uint8Array): void;
  /** The source has ended, and all has gone on. May be called again. */
  end(): void;
  /** Whether nothing is to be read from the source. */
  hold(isHeld: boolean): void;
  /** Whether some rule may concern this direction. */
  isRuled(): boolean;
  decide(message: ReadMessage): Rule['action'] | undefined;
  record(message: ReadMessage, fate: Fate): MessageRecord;
  change(seq: number, changes: Partial<MessageRecord>): void;
  /** A Close frame came: it is in `message.data`. */
  closing(message: ReadMessage): void;
  /** Closes the connection, both ways. */
  close(code: number, reason: string): void;
}

/** A message that waits for somebody or for its time. */
interface Waiting {
  readonly data: MessageData;
  readonly isReferredTo: boolean;
}

const NOTHING = new Uint8Array(0);

export class Way {
  readonly #host: WayHost;
  readonly #toServer: boolean;
  readonly #takesOver: boolean;
  readonly #unreadable: string | undefined;
  readonly #reader: MessageReader;
  readonly #outgoing: Outgoing;
  readonly #gathering = new Gathering();
  readonly #waiting = new Map<number, Waiting>();
  #gathers = false;
  #hasLostContext = false;
  #isHeld = false;
  #hasEnded = false;

  constructor({ direction, compression, most, unreadable }: WayOptions, host: WayHost) {
    this.#host = host;
    this.#toServer = direction === 'toServer';
    this.#takesOver = compression?.takesOver === true;
    this.#unreadable = unreadable;
    this.#reader = new MessageReader({ fromClient: this.#toServer, compression, most }, this);
    this.#outgoing = new Outgoing({
      write: (bytes) => {
        host.write(bytes);
        this.#regulate();
      },
      end: () => host.end(),
    });
  }

  /** Whether the source is not to be read, because too much waits. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Takes bytes of the source. They must not change any more. */
  push(bytes: Uint8Array): void {
    if (this.#hasEnded) return;
    if (this.#outgoing.isClosed) {
      // Nothing goes on, but what is said is still recorded.
      this.#read(bytes);
      return;
    }
    if (!this.#gathers) {
      this.#host.write(bytes);
      this.#read(bytes);
      const isBlind = this.#reader.isBlind;
      this.#outgoing.passedBy(isBlind || this.#reader.isWithinFrame, isBlind || this.#reader.isWithinMessage);
    } else {
      this.#pushGathering(bytes);
    }
    this.reconsider();
  }

  /** The source has ended. */
  end(): void {
    if (this.#hasEnded) return;
    const header = this.#reader.partialHeader;
    this.#hasEnded = true;
    if (this.#gathers && !this.#reader.isBlind) this.#outgoing.push(partOf(this.#gathering.takeAll(header), true));
    this.#reader.end();
    this.#outgoing.end();
  }

  /** Nothing goes on any more: what waits is dropped. */
  abandon(): void {
    this.#hasEnded = true;
    for (const seq of this.#outgoing.abandon()) this.#host.change(seq, { fate: 'dropped' });
    this.#waiting.clear();
    this.#reader.end();
  }

  /** To be called when the rules have changed. */
  reconsider(): void {
    const isNeeded = this.#hasLostContext || !this.#outgoing.isEmpty || this.#host.isRuled();
    const reader = this.#reader;
    if (isNeeded && !this.#gathers && !reader.isBlind) {
      this.#gathers = true;
      this.#gathering.start(reader.partialHeader.length, reader.isWithinMessage, reader.isWithinControl);
    } else if (!isNeeded && this.#gathers && !reader.isWithinFrame && !reader.isWithinMessage) {
      this.#gathers = false;
      this.#outgoing.passedBy(reader.isBlind, reader.isBlind);
    }
    this.#regulate();
  }

  // --- what people do ------------------------------------------------------------------------------------------------

  /** Lets a message go that waits, with another content if there is one. Returns whether it was there. */
  release(seq: number, content: MessageData | undefined): boolean {
    const waiting = this.#waiting.get(seq);
    if (waiting === undefined) return false;
    this.#waiting.delete(seq);
    if (content === undefined) {
      this.#host.change(seq, { fate: 'forwarded' });
      return this.#settle(seq, undefined);
    }
    const payload = bytesOf(content);
    const bytes = frameOf(opcodeOf(content), payload, this.#toServer);
    const piece = { ...partOf(bytes, false), render: () => this.#without(waiting, bytes) };
    this.#host.change(seq, {
      fate: 'edited',
      data: content,
      original: waiting.data,
      length: payload.length,
      isCut: false,
    });
    return this.#settle(seq, { piece });
  }

  /** Does away with a message that waits. Returns whether it was there. */
  drop(seq: number): boolean {
    const waiting = this.#waiting.get(seq);
    if (waiting === undefined) return false;
    this.#waiting.delete(seq);
    this.#host.change(seq, { fate: 'dropped' });
    return this.#settle(seq, { piece: { ...partOf(NOTHING, false), render: () => this.#without(waiting, undefined) } });
  }

  /** Puts in a message as soon as no other is under way. Returns whether that is possible. */
  inject(content: MessageData): boolean {
    if (this.#hasEnded || this.#reader.isBlind || this.#outgoing.isClosed) return false;
    const payload = bytesOf(content);
    const opcode = opcodeOf(content);
    const bytes = frameOf(opcode, payload, this.#toServer);
    const head = { opcode, frames: 1, compressed: false, masked: this.#toServer, wireLength: bytes.length };
    const body = { data: content, length: payload.length, isCut: false, problem: undefined, inflated: undefined };
    this.#host.record({ ...head, ...body }, 'injected');
    this.#outgoing.insert(bytes);
    this.reconsider();
    return true;
  }

  /** Puts in a Close frame as soon as no frame is under way, behind which nothing goes on. */
  close(payload: Uint8Array): void {
    if (this.#outgoing.isClosed) return;
    this.#outgoing.close(frameOf(Opcode.CLOSE, payload, this.#toServer));
    this.reconsider();
  }

  // --- of the reader -------------------------------------------------------------------------------------------------

  scanned(bytes: Uint8Array, start: number, end: number, isOfControl: boolean, left: number): void {
    if (!this.#gathers || this.#hasEnded) return;
    const part = this.#gathering.scanned(bytes, start, end, isOfControl, left);
    if (part === 'gathered') return;
    if (part === 'too-large') {
      this.#reader.note('It was too large to be gathered, and went on as it came');
      this.#pass(this.#gathering.pass(), left === 0);
    } else {
      this.#pass(part, left === 0);
    }
  }

  read(message: ReadMessage): void {
    if (message.opcode === Opcode.CLOSE) this.#host.closing(message);
    if (!this.#gathers || this.#hasEnded || this.#outgoing.isClosed) {
      this.#host.record(message, this.#outgoing.isClosed ? 'dropped' : 'forwarded');
    } else if (message.opcode >= Opcode.CLOSE) {
      this.#readControl(message);
    } else if (this.#gathering.isPassing) {
      this.#gathering.passed();
      this.#host.record(message, 'forwarded');
      this.#outgoing.push(partOf(NOTHING, false));
    } else {
      this.#readMessage(message);
    }
  }

  broke(message: ReadMessage): void {
    this.#host.record(message, 'forwarded');
  }

  // -------------------------------------------------------------------------------------------------------------------

  #read(bytes: Uint8Array): void {
    if (this.#unreadable !== undefined && !this.#reader.isBlind) this.#reader.giveUp(bytes, this.#unreadable);
    else this.#reader.push(bytes);
  }

  #pushGathering(bytes: Uint8Array): void {
    const { isBlind, partialHeader } = this.#reader;
    this.#gathering.came(bytes.length);
    this.#read(bytes);
    if (isBlind) {
      this.#outgoing.push(partOf(bytes, true));
    } else if (this.#reader.isBlind) {
      // Something that is no frame: what had not gone on does, and so does all that comes.
      this.#outgoing.push(partOf(this.#gathering.takeAll(Buffer.concat([partialHeader, bytes])), true));
    }
  }

  #readControl(message: ReadMessage): void {
    const { bytes, isWhole } = this.#gathering.takeControl(this.#reader.isWithinMessage);
    const action = isWhole ? this.#host.decide(message) : undefined;
    if (action?.type === 'drop' || action?.type === 'close') {
      this.#host.record(message, 'dropped');
      if (action.type === 'close') this.#host.close(action.code, action.reason);
      return;
    }
    this.#host.record(message, 'forwarded');
    // A Close frame is the last that is said: it waits for what was said before it.
    if (message.opcode === Opcode.CLOSE) this.#outgoing.push(partOf(bytes, false));
    else this.#outgoing.overtake(bytes);
  }

  #readMessage(message: ReadMessage): void {
    const piece = this.#pieceOf(message, this.#gathering.take());
    const isReferredTo = message.compressed && this.#takesOver;
    const action = this.#host.decide(message);
    switch (action?.type) {
      case undefined:
        this.#host.record(message, 'forwarded');
        this.#outgoing.push(piece);
        break;
      case 'hold':
      case 'delay': {
        const { seq, data } = this.#host.record(message, action.type === 'hold' ? 'held' : 'delayed');
        const due = action.type === 'hold' ? Number.POSITIVE_INFINITY : performance.now() + action.by;
        this.#waiting.set(seq, { data, isReferredTo });
        // What it says stays with it, also when its record falls out: decompressed it may be a thousand times its bytes.
        const alsoKeeps = (piece.alsoKeeps ?? 0) + data.length;
        this.#outgoing.wait({ ...piece, alsoKeeps, seq, due, passed: () => this.#passed(seq) });
        break;
      }
      case 'drop':
      case 'close': {
        const { data } = this.#host.record(message, 'dropped');
        const render = () => this.#without({ data, isReferredTo }, undefined);
        this.#outgoing.push({ ...partOf(NOTHING, false), render });
        if (action.type === 'close') this.#host.close(action.code, action.reason);
      }
    }
  }

  #pieceOf({ opcode, compressed, inflated }: ReadMessage, bytes: Uint8Array): Piece {
    const piece = partOf(bytes, false);
    if (!compressed || !this.#takesOver) return piece;
    const render = () => {
      if (!this.#hasLostContext) return bytes;
      return inflated === undefined ? this.#fail() : frameOf(opcode, inflated, this.#toServer);
    };
    return { ...piece, alsoKeeps: inflated?.length ?? 0, render };
  }

  /** A part of a message that goes on while it comes. */
  #pass(bytes: Uint8Array, isRest: boolean): void {
    const piece = { ...partOf(bytes, true), endsWithinFrame: !isRest };
    const isBound = this.#takesOver && this.#reader.isCompressed;
    if (!isBound) this.#outgoing.push(piece);
    else this.#outgoing.push({ ...piece, render: () => (this.#hasLostContext ? this.#fail() : bytes) });
  }

  /** Something goes on in place of a message, or nothing. */
  #without({ isReferredTo }: Waiting, bytes: Uint8Array | undefined): Uint8Array | undefined {
    this.#hasLostContext ||= isReferredTo;
    return bytes;
  }

  #fail(): undefined {
    this.#host.close(1011, 'The inspector cannot decompress a message, and the one before it was changed');
  }

  #passed(seq: number): void {
    if (this.#waiting.delete(seq)) this.#host.change(seq, { fate: 'forwarded' });
  }

  #settle(seq: number, change: { readonly piece: Piece } | undefined): boolean {
    const wasThere = this.#outgoing.release(seq, change);
    this.reconsider();
    return wasThere;
  }

  #regulate(): void {
    const isHeld = this.#outgoing.waitingBytes > MAX_WAITING;
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#host.hold(isHeld);
  }
}

function partOf(bytes: Uint8Array, isWithin: boolean): Piece {
  return { bytes, endsWithinFrame: isWithin, endsWithinMessage: isWithin };
}

function opcodeOf(content: MessageData): number {
  return typeof content === 'string' ? Opcode.TEXT : Opcode.BINARY;
}

function bytesOf(content: MessageData): Uint8Array {
  if (typeof content !== 'string') return content;
  const bytes = new Uint8Array(nodePlatform.utf8Length(content));
  nodePlatform.utf8Write(content, bytes, 0);
  return bytes;
}
