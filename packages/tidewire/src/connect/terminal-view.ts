import {
  clearScreenDown,
  createInterface,
  cursorTo,
  emitKeypressEvents,
  type Interface,
  type Key,
  moveCursor,
} from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { closeCodeMeaning } from './close-codes.ts';
import { formatSize, hexDump, sizeOf, timeOfDay, visible } from './format.ts';
import { describeHandshake, describeOpening } from './opening.ts';
import type { CloseDetails, OpenDetails, View } from './view.ts';

export interface TerminalViewOptions {
  readonly timestamps: boolean;
  /** Shows text as a hex dump as well as binary. */
  readonly hex: boolean;
}

export interface Keyboard {
  /** A line was entered. */
  line(line: string): void;
  /** Ctrl-C. */
  interrupt(): void;
  /** Ctrl-D. */
  end(): void;
}

type Style = Parameters<typeof styleText>[0];

/** A screen is for people: of a long message it shows the beginning. In characters, and in bytes of a hex dump. */
const MOST_TEXT = 32 * 1024;
const MOST_DUMP = 4 * 1024;

/** For people: a line to type in at the bottom, and above it what happens. */
export class TerminalView implements View {
  readonly #input: ReadStream;
  readonly #screen: WriteStream;
  readonly #options: TerminalViewOptions;
  readonly #coloured: boolean;
  readonly #lines: Interface;
  /** Whether the line to type in is on the screen. */
  #prompting = false;

  constructor(input: ReadStream, screen: WriteStream, options: TerminalViewOptions) {
    this.#input = input;
    this.#screen = screen;
    this.#options = options;
    this.#coloured = screen.hasColors();
    // Without the interface as the second argument, which createInterface would pass: with it, readline puts what is pasted
    // into the middle of a line at its end.
    emitKeypressEvents(input);
    this.#lines = createInterface({
      input,
      output: screen,
      prompt: '> ',
      historySize: 500,
      removeHistoryDuplicates: true,
    });
  }

  listen(keyboard: Keyboard): void {
    let rowsTyped = 0;
    // Before readline sees the key: afterwards it does not tell how many rows the line took.
    this.#input.prependListener('keypress', (_text: string | undefined, key: Key | undefined) => {
      if (key?.name !== 'return' && key?.name !== 'enter') return;
      this.#lines.write(null, { ctrl: true, name: 'e' });
      rowsTyped = this.#lines.getCursorPos().rows;
    });
    this.#lines.on('line', (line) => {
      const wasPrompting = this.#prompting;
      // What was typed gives way to how it is shown once it is sent.
      if (wasPrompting) this.#eraseRows(rowsTyped + 1);
      this.#prompting = false;
      keyboard.line(line);
      if (wasPrompting) this.#prompt();
    });
    this.#lines.on('SIGINT', () => keyboard.interrupt());
    this.#lines.on('close', () => keyboard.end());
  }

  opened(details: OpenDetails): void {
    this.#print(this.#style('green', describeOpening(details)));
    if (details.handshake !== undefined) this.#print(this.#style('dim', describeHandshake(details.handshake)));
    this.#print(this.#style('dim', 'Type a message. /help lists the commands, Ctrl-C closes.'));
    this.#prompt();
  }

  sent(message: string | Uint8Array): void {
    this.#printMessage(this.#style('blue', '→'), message);
  }

  received(message: string | Uint8Array): void {
    this.#printMessage(this.#style('green', '←'), message);
  }

  pinged(payload: string): void {
    this.#print(`${this.#style('blue', '→')} ${this.#style('dim', 'ping')} ${visible(payload)}`);
  }

  ponged(payload: string, roundTrip: number | undefined): void {
    const time = roundTrip === undefined ? '' : this.#style('dim', ` after ${roundTrip.toFixed(1)} ms`);
    this.#print(`${this.#style('green', '←')} ${this.#style('dim', 'pong')} ${visible(payload)}${time}`);
  }

  notice(text: string): void {
    this.#print(this.#style('dim', text));
  }

  problem(text: string): void {
    this.#print(this.#style('red', text));
  }

  closed({ code, reason, failure }: CloseDetails): void {
    const said = reason === '' ? '' : `: ${visible(reason)}`;
    if (failure !== undefined) this.problem(`The connection failed: ${failure}`);
    else this.#print(this.#style('yellow', `Closed with ${code} (${closeCodeMeaning(code)})${said}`));
  }

  /** Gives the terminal back. */
  stop(): void {
    if (this.#prompting) this.#eraseRows(this.#lines.getCursorPos().rows);
    this.#prompting = false;
    this.#lines.close();
  }

  #printMessage(arrow: string, message: string | Uint8Array): void {
    const size = this.#style('dim', formatSize(sizeOf(message)));
    if (typeof message === 'string' && !this.#options.hex) {
      this.#print(`${arrow} ${size}  ${visible(message.slice(0, MOST_TEXT))}${this.#cut(message.length, MOST_TEXT)}`);
      return;
    }
    const bytes = typeof message === 'string' ? Buffer.from(message) : message;
    const type = this.#style('dim', typeof message === 'string' ? 'text' : 'binary');
    const dump = hexDump(bytes.subarray(0, MOST_DUMP)).replace(/^/gm, '  ');
    this.#print(`${arrow} ${size}  ${type}\n${dump}${this.#cut(bytes.length, MOST_DUMP)}`);
  }

  #cut(length: number, most: number): string {
    return length > most ? this.#style('dim', ' … the rest is not shown') : '';
  }

  /** Writes above the line that is being typed, and leaves that as it is. */
  #print(text: string): void {
    const time = this.#options.timestamps ? `${this.#style('dim', timeOfDay(new Date()))} ` : '';
    if (!this.#prompting) {
      this.#screen.write(`${time}${text}\n`);
      return;
    }
    const { rows } = this.#lines.getCursorPos();
    this.#eraseRows(rows);
    // readline goes up by as many rows as its cursor was down before it draws the line again.
    this.#screen.write(`${time}${text}\n${'\n'.repeat(rows)}`);
    this.#lines.prompt(true);
  }

  #prompt(): void {
    this.#prompting = true;
    this.#lines.prompt();
  }

  #eraseRows(rows: number): void {
    moveCursor(this.#screen, 0, -rows);
    cursorTo(this.#screen, 0);
    clearScreenDown(this.#screen);
  }

  #style(style: Style, text: string): string {
    return this.#coloured ? styleText(style, text) : text;
  }
}
