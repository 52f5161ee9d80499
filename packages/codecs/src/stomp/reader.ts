import type { MessageData } from '../decoder.ts';
import { MAX_PACKETS, type Readings } from '../reading.ts';
import { Remainder } from '../remainder.ts';
import { toBytes } from '../text.ts';
import { readStompHead, type StompFrame, type StompHeartBeat, type StompVersion, stompHeader } from './stomp.ts';

// STOMP as one side of a WebSocket hears it: a stream of frames, wherever messages begin and end. Clients cut long frames.

/** Bytes of a frame, and of what is before its body. A longer one is a problem, and all that has come of it is left out. */
const MAX_FRAME = 64 * 1024 * 1024;
const MAX_HEAD = 64 * 1024;

const LONGEST_COMMAND = 32;

const NUL = 0;
const LF = 10;
const CR = 13;

/** What is known of a frame that is not whole yet. */
interface Begun {
  readonly head: Omit<StompFrame, 'body'>;
  /** Where its body begins. */
  readonly body: number;
  /** Of the body, if the frame says it. */
  readonly length: number | undefined;
}

/** Reads what one side sends, message by message. */
export class StompReader {
  /** How headers are escaped. To be set when the sides have agreed on a version; until then 1.2, which knows all escapes. */
  version: StompVersion = '1.2';
  readonly #rest = new Remainder();
  /** How far the bytes that wait have been searched in vain. */
  #searched = 0;
  #begun: Begun | undefined;

  /** Whether a frame has begun that goes on in the next message. */
  get isWithinFrame(): boolean {
    return this.#rest.length > 0;
  }

  /** The frames that end in this message, and the line feeds between frames. Never throws. */
  read(data: MessageData): Readings<StompFrame | StompHeartBeat> {
    const bytes = this.#rest.join(toBytes(data));
    const values: (StompFrame | StompHeartBeat)[] = [];
    let at = 0;
    while (values.length < MAX_PACKETS) {
      const next = this.#next(bytes.subarray(at));
      if (next === undefined) break;
      if (typeof next === 'string') return { values, problem: this.#giveUp(next) };
      at += next.used;
      values.push(next.frame);
    }
    if (values.length === MAX_PACKETS && at < bytes.length)
      return { values, problem: this.#giveUp(`more than ${MAX_PACKETS} frames in a message`) };
    if (bytes.length - at > MAX_FRAME)
      return { values, problem: this.#giveUp(`a frame of more than ${MAX_FRAME} bytes`) };
    this.#rest.keep(bytes, at);
    return { values };
  }

  /** Forgets what waits for more, because that does not come. Its command and headers, if they were there. */
  abandon(): Omit<StompFrame, 'body'> | undefined {
    const head = this.#begun?.head;
    this.#startAnew();
    this.#rest.forget();
    return head;
  }

  #giveUp(problem: string): string {
    this.#startAnew();
    this.#rest.forget();
    return problem;
  }

  #startAnew(): void {
    this.#searched = 0;
    this.#begun = undefined;
  }

  /** `undefined` if more must come, or what is wrong, in words. */
  #next(bytes: Uint8Array): { used: number; frame: StompFrame | StompHeartBeat } | string | undefined {
    if (this.#begun === undefined) {
      const used = lineFeeds(bytes);
      if (used > 0) return { used, frame: { command: 'heart-beat' } };
      const begun = this.#begin(bytes);
      if (begun === undefined || typeof begun === 'string') return begun;
      this.#begun = begun;
      this.#searched = begun.body;
    }
    return this.#end(bytes, this.#begun);
  }

  #begin(bytes: Uint8Array): Begun | string | undefined {
    if (!mayBegin(bytes)) return 'no frame of STOMP: it must begin with a command in capitals';
    const end = endOfHead(bytes, this.#searched);
    if (end === undefined) {
      if (bytes.length > MAX_HEAD || bytes.subarray(this.#searched, MAX_HEAD).includes(NUL))
        return 'no frame of STOMP: it has no empty line behind its headers';
      this.#searched = Math.max(0, bytes.length - 2);
      return undefined;
    }
    const { value, problem } = readStompHead(bytes.subarray(0, end.head), this.version);
    if (problem !== undefined) return problem;
    const said = stompHeader(value, 'content-length');
    if (said !== undefined && !/^\s*\d{1,15}\s*$/.test(said)) return 'a content-length that is no number';
    const length = said === undefined ? undefined : Number(said);
    return (length ?? 0) > MAX_FRAME
      ? `a frame of more than ${MAX_FRAME} bytes`
      : { head: value, body: end.body, length };
  }

  #end(bytes: Uint8Array, { head, body, length }: Begun): { used: number; frame: StompFrame } | string | undefined {
    const end = length === undefined ? bytes.indexOf(NUL, this.#searched) : body + length;
    if (end < 0 || end >= bytes.length) {
      this.#searched = Math.max(this.#searched, bytes.length);
      return undefined;
    }
    if (bytes[end] !== NUL) return `no NUL behind the ${length} bytes of the body of ${head.command}`;
    this.#startAnew();
    return { used: end + 1, frame: { ...head, body: bytes.subarray(body, end) } };
  }
}

/** Whether these bytes are a line of capitals, or may become one. */
function mayBegin(bytes: Uint8Array): boolean {
  let at = 0;
  while (at <= LONGEST_COMMAND && isCapital(bytes[at])) at++;
  if (at > LONGEST_COMMAND) return false;
  return at === bytes.length || (at > 0 && (bytes[at] === LF || bytes[at] === CR));
}

function isCapital(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 65 && byte <= 90;
}

/** How many bytes of ends of lines these begin with. */
function lineFeeds(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)) at += bytes[at] === LF ? 1 : 2;
  return at;
}

/** Where the headers end, without their last line feed, and where the body begins; an empty line is between them. */
function endOfHead(bytes: Uint8Array, from: number): { head: number; body: number } | undefined {
  for (let at = bytes.indexOf(LF, from); at >= 0 && at < MAX_HEAD; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return { head: at, body: at + 2 };
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return { head: at, body: at + 3 };
  }
  return undefined;
}
