import type { Ask } from '../operate/ask.ts';
import { Pages } from '../operate/pages.ts';

// The channels that have subscribers, or those that somebody is looking for, with how many people are in each where that is known.

export interface ChannelRow {
  readonly name: string;
  readonly subscribers: number;
  /** `undefined` where nobody counts them, or the key is not for that. */
  readonly users: number | undefined;
}

/** Rows of a page. */
const LIMIT = 50;

export class ChannelList extends Pages<ChannelRow> {
  /** The beginning of names, with a star behind it or without; `''`: all. */
  pattern: string;

  /** @param countsUsers whether the users of each channel are asked for, too */
  constructor(ask: Ask, pattern: string, countsUsers: boolean, limit = LIMIT) {
    super(async (after) => {
      const outcome = await ask('channels', { pattern: patternOf(this.pattern), limit, after });
      if (!outcome.ok) return outcome;
      const { channels, next, silent = [] } = outcome.value;
      const names = Object.keys(channels);
      const users = countsUsers ? await usersOf(ask, names) : new Map<string, number>();
      const rows = names.map((name) => ({
        name,
        subscribers: channels[name]?.subscribers ?? 0,
        users: users.get(name),
      }));
      return { ok: true, value: { rows, next, silent } };
    });
    this.pattern = pattern;
  }

  find(pattern: string): Promise<boolean> {
    this.pattern = pattern;
    return this.begin();
  }
}

/** What is typed in is the beginning of names. */
export function patternOf(typed: string): string | undefined {
  const text = typed.trim();
  if (text === '' || text === '*') return undefined;
  return text.endsWith('*') ? text : `${text}*`;
}

/** Channels without presence are none of them. */
async function usersOf(ask: Ask, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const channels = names.filter((name) => !name.endsWith('*'));
  if (channels.length === 0) return new Map();
  const commands = channels.map((channel) => ({ presence_stats: { channel } }));
  const outcome = await ask('batch', { commands, isParallel: true });
  if (!outcome.ok) return new Map();
  return new Map(
    outcome.value.replies.flatMap(({ status, result }, index): [string, number][] => {
      const { users }: { readonly users?: unknown } = Object(result);
      return status === 200 && typeof users === 'number' ? [[channels[index] ?? '', users]] : [];
    }),
  );
}
