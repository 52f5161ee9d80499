import type { Alarm } from '@tidewire/node';
import type { ClientInfo } from './publication.ts';

// What happens to the connections of one user in one channel, one after the other. A connection without a user has a line of
// its own.

export interface Line {
  readonly key: string;
  last: Promise<void>;
  /** What is going on or waits in it. */
  pending: number;
  /** Connections that are lost, and may come back. */
  readonly away: Map<string, Away>;
}

export interface Away {
  readonly alarm: Alarm;
  leave(): void;
}

export class Lines {
  readonly #lines = new Map<string, Line>();
  readonly #whenSettled: (() => void)[] = [];

  /** Does `work` behind everything else that happens in the line. What fails in it was tried for as long as it made sense. */
  run(channel: string, info: ClientInfo, work: (line: Line) => Promise<void>): void {
    const line = this.of(channel, info);
    line.pending++;
    line.last = line.last
      .then(() => work(line))
      .catch(() => {})
      .then(() => {
        line.pending--;
        this.#end(line);
      });
  }

  of(channel: string, { user, client }: ClientInfo): Line {
    const key = user === '' ? keyOf(channel, '', client) : keyOf(channel, user);
    const line = this.#lines.get(key) ?? { key, last: Promise.resolve(), pending: 0, away: new Map() };
    this.#lines.set(key, line);
    return line;
  }

  /** All that are away. */
  away(): Away[] {
    return [...this.#lines.values()].flatMap(({ away }) => [...away.values()]);
  }

  /** Resolves when nobody is away any more, and nothing goes on. */
  settled(): Promise<void> {
    if (this.#lines.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenSettled.push(resolve));
  }

  #end({ key, pending, away }: Line): void {
    if (pending > 0 || away.size > 0) return;
    this.#lines.delete(key);
    if (this.#lines.size > 0) return;
    for (const resolve of this.#whenSettled.splice(0)) resolve();
  }
}

export function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
