import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parseCommand } from './commands.ts';
import type { Conversation } from './conversation.ts';

export interface PipeSessionOptions {
  /** After the end of the input: how long no message has to have come before the connection is closed. Milliseconds. */
  readonly wait: number;
  /** Closes when so many messages have come. */
  readonly count: number | undefined;
  /** Whether lines that begin with / are commands. */
  readonly commands: boolean;
}

/** Sends the lines of an input, and decides when the conversation is over. */
export class PipeSession {
  readonly #options: PipeSessionOptions;
  #received = 0;
  #sentAll = false;
  #quiet: NodeJS.Timeout | undefined;
  #close: () => void = () => {};

  constructor(options: PipeSessionOptions) {
    this.#options = options;
  }

  /** Messages that came. */
  get received(): number {
    return this.#received;
  }

  /** Whether all of the input was sent. */
  get sentAll(): boolean {
    return this.#sentAll;
  }

  /** Counts a message. Returns whether it is still wanted. */
  take(): boolean {
    const { count } = this.#options;
    if (this.#received === count) return false;
    this.#received += 1;
    this.#quiet?.refresh();
    if (this.#received === count) this.#close();
    return true;
  }

  /** Resolves when nothing is left to do but to wait for the end. The conversation must be open. */
  async run(conversation: Conversation, input: Readable): Promise<void> {
    const { commands, wait } = this.#options;
    this.#close = () => conversation.close();
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    conversation.ended.then(() => {
      clearTimeout(this.#quiet);
      lines.close();
      input.destroy();
    });
    for await (const line of lines) {
      if (!conversation.isOpen) return;
      await conversation.execute(commands ? parseCommand(line) : { type: 'text', text: line });
    }
    await conversation.flushed();
    if (!conversation.isOpen) return;
    this.#sentAll = true;
    if (Number.isFinite(wait)) this.#quiet = setTimeout(this.#close, wait);
  }
}
