import type { Writable } from 'node:stream';
import { closeCodeMeaning } from './close-codes.ts';
import { formatSize, hexDump, visible } from './format.ts';
import { describeHandshake, describeOpening } from './opening.ts';
import type { CloseDetails, OpenDetails, View } from './view.ts';

export interface PipeViewOptions {
  /** Prefixes every message with the time. */
  readonly timestamps: boolean;
  /** Shows every message as a hex dump. */
  readonly hex: boolean;
  /** Says nothing but messages and problems. */
  readonly quiet: boolean;
  /** Whether `out` is a terminal, which messages must not control. */
  readonly isTerminal: boolean;
}

/** Who gets the messages. */
export interface Reader {
  /** Asked about each message: whether it is to be shown. */
  takes(): boolean;
  /** More waits for the reader than may. */
  overflows(): void;
}

/** Of the output, in bytes. */
const MOST_WAITING = 64 * 1024 * 1024;

/** For scripts: the messages on `out`, one per line and nothing else, and what there is to know about them on `side`. */
export class PipeView implements View {
  readonly #out: Writable;
  readonly #side: Writable;
  readonly #options: PipeViewOptions;
  readonly #reader: Reader;

  constructor(out: Writable, side: Writable, options: PipeViewOptions, reader: Reader) {
    this.#out = out;
    this.#side = side;
    this.#options = options;
    this.#reader = reader;
  }

  opened(details: OpenDetails): void {
    this.notice(describeOpening(details));
    if (details.handshake !== undefined) this.notice(describeHandshake(details.handshake));
  }

  sent(): void {}

  received(message: string | Uint8Array): void {
    if (this.#out.writableLength > MOST_WAITING || !this.#reader.takes()) return;
    const time = this.#options.timestamps ? `${new Date().toISOString()} ` : '';
    this.#out.write(`${time}${this.#lineOf(message)}\n`);
    if (this.#out.writableLength <= MOST_WAITING) return;
    this.problem(`Whoever reads the output is too slow: more than ${formatSize(MOST_WAITING)} wait for it`);
    this.#reader.overflows();
  }

  pinged(): void {}

  ponged(payload: string, roundTrip: number | undefined): void {
    const time = roundTrip === undefined ? '' : ` after ${roundTrip.toFixed(1)} ms`;
    this.notice(`Pong ${visible(payload)}${time}`);
  }

  notice(text: string): void {
    if (!this.#options.quiet) this.#side.write(`${text}\n`);
  }

  problem(text: string): void {
    this.#side.write(`tidewire: ${text}\n`);
  }

  closed({ code, reason, failure }: CloseDetails): void {
    if (failure !== undefined) this.problem(`The connection failed: ${failure}`);
    else this.notice(`Closed with ${code} (${closeCodeMeaning(code)})${reason === '' ? '' : `: ${visible(reason)}`}`);
  }

  #lineOf(message: string | Uint8Array): string {
    const { hex, isTerminal } = this.#options;
    if (hex) return hexDump(typeof message === 'string' ? Buffer.from(message) : message);
    if (typeof message !== 'string') return Buffer.from(message).toString('hex');
    return isTerminal ? visible(message) : message;
  }
}
