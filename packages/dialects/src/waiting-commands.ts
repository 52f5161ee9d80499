import type { ClientCommand } from './command.ts';

// The order of a client's commands: those about one channel are done one after the other, all others at once.

export class WaitingCommands {
  readonly #max: number;
  readonly #run: (command: ClientCommand) => Promise<void>;
  /** What waits for the command that is being done, by channel. */
  #behind: Map<string, ClientCommand[]> | undefined;
  /** What waits for the client to be connected. */
  #held: ClientCommand[] | undefined;
  #pending = 0;

  /** @param run must not reject */
  constructor(max: number, run: (command: ClientCommand) => Promise<void>) {
    this.#max = max;
    this.#run = run;
  }

  /** Does nothing from now on, until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const command of held) this.#begin(command);
  }

  /** @returns `false` if too many wait already */
  add(command: ClientCommand): boolean {
    if (this.#pending >= this.#max) return false;
    this.#pending++;
    if (this.#held === undefined) this.#begin(command);
    else this.#held.push(command);
    return true;
  }

  /** Forgets what has not begun. */
  clear(): void {
    this.#held = undefined;
    this.#behind = undefined;
  }

  #begin(command: ClientCommand): void {
    const channel = channelOf(command);
    if (channel === undefined) {
      void this.#run(command).then(() => {
        this.#pending--;
      });
      return;
    }
    this.#behind ??= new Map();
    const behind = this.#behind.get(channel);
    if (behind !== undefined) behind.push(command);
    else {
      this.#behind.set(channel, []);
      void this.#work(channel, command);
    }
  }

  async #work(channel: string, first: ClientCommand): Promise<void> {
    for (let command: ClientCommand | undefined = first; command !== undefined; command = this.#next(channel)) {
      await this.#run(command);
      this.#pending--;
    }
  }

  #next(channel: string): ClientCommand | undefined {
    const next = this.#behind?.get(channel)?.shift();
    if (next === undefined) this.#behind?.delete(channel);
    return next;
  }
}

function channelOf(command: ClientCommand): string | undefined {
  return 'channel' in command ? command.channel : undefined;
}
