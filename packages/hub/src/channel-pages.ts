import type { SilentNode } from './connections.ts';

// The channels of all nodes a page at a time, by name. What comes first by name of all nodes together is among what comes first
// on each, so that no node gives more than a page.

export interface ChannelsRequest {
  /** A name, or the beginning of names with a star behind it. Default: all. */
  readonly pattern?: string | undefined;
  /** 1 to 1000. Default 100. */
  readonly limit?: number | undefined;
  /** The `next` of the page before. Default: the first page. */
  readonly after?: string | undefined;
}

export interface ChannelPage {
  /** By name. */
  readonly channels: ReadonlyMap<string, { readonly subscribers: number }>;
  /** Where the next page begins; `undefined` if there is none. */
  readonly next: string | undefined;
  /** Nodes that have not answered in time: what only they hold is missing. */
  readonly silent: readonly SilentNode[];
}

export type Occupied = readonly [name: string, subscribers: number];

export function matcherOf(pattern: string): (name: string) => boolean {
  const beginning = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
  return (name) => (beginning === undefined ? name === pattern : name.startsWith(beginning));
}

/** The first by name behind `after`; one more than `limit`, which tells that there are more. */
export function firstOf(occupied: Iterable<Occupied>, limit: number, after = ''): Occupied[] {
  const first: Occupied[] = [];
  for (const each of occupied) {
    const [name] = each;
    const last = first.at(-1);
    if (name <= after || (first.length > limit && last !== undefined && name > last[0])) continue;
    first.splice(placeFor(first, name), 0, each);
    if (first.length > limit + 1) first.pop();
  }
  return first;
}

/** @param parts of each node what `firstOf` gives */
export function channelPageOf(
  parts: readonly (readonly Occupied[])[],
  limit: number,
  silent: readonly SilentNode[],
): ChannelPage {
  const sums = new Map<string, number>();
  for (const [name, subscribers] of parts.flat()) sums.set(name, (sums.get(name) ?? 0) + subscribers);
  const sorted = firstOf(sums, limit);
  const page = sorted.slice(0, limit);
  return {
    channels: new Map(page.map(([name, subscribers]) => [name, { subscribers }])),
    next: sorted.length > limit ? page.at(-1)?.[0] : undefined,
    silent,
  };
}

function placeFor(sorted: readonly Occupied[], name: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.[0] ?? '') < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
