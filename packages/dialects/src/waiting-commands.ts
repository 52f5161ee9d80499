import type { ClientCommand } from './command.ts';

// The order of a client's commands: those about one channel are done one after the other, all others at once.

export class WaitingCommands {
  readonly #max: number;
  readonly #maxSize: number;
  readonly #run: (command: ClientCommand) => Promise<void>;
  /** What waits for the command that is being done, by channel. */
  #behind: Map<string, ClientCommand[]> | undefined;
  /** What waits for the client to be connected. */
  #held: ClientCommand[] | undefined;
  #pending = 0;
  /** Characters of what is pending. */
  #size = 0;

  /**
   * @param maxSize characters of payloads and tokens. One command may be larger by itself
   * @param run must not reject
   */
  constructor(max: number, maxSize: number, run: (command: ClientCommand) => Promise<void>) {
    this.#max = max;
    this.#maxSize = maxSize;
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
    const size = sizeOf(command);
    const isTooMuch = size > 0 && this.#size > 0 && this.#size + size > this.#maxSize;
    if (this.#pending >= this.#max || isTooMuch) return false;
    this.#pending++;
    this.#size += size;
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
      void this.#run(command).then(() => this.#done(command));
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
      this.#done(command);
    }
  }

  #done(command: ClientCommand): void {
    this.#pending--;
    this.#size -= sizeOf(command);
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

/** Of what a client may make long. */
function sizeOf(command: ClientCommand): number {
  const { data, token } =
    command.type === 'subscribe' ? command.request : { data: undefined, token: undefined, ...command };
  return (data?.length ?? 0) + (token?.length ?? 0);
}
