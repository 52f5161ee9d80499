import type { Ask } from '../operate/ask.ts';
import { Pages } from '../operate/pages.ts';
import type { Connection, SilentNode } from '../operate-messages.ts';

// The clients of all nodes, or those that somebody is looking for.

/** Rows of a page. */
const LIMIT = 50;

export interface Filters {
  /** `''`: of all users. */
  readonly user: string;
  /** The id of a node; `''`: of all. */
  readonly node: string;
  /** A channel; `''`: whatever they are in. */
  readonly channel: string;
  readonly isSlow: boolean;
}

export const noFilters: Filters = { user: '', node: '', channel: '', isSlow: false };

export class ConnectionList extends Pages<Connection> {
  filters: Filters;
  /** What may be chosen from; empty where the key is not for that. */
  nodes: readonly SilentNode[] = [];
  readonly #ask: Ask;

  constructor(ask: Ask, filters: Filters = noFilters, limit = LIMIT) {
    super(async (after) => {
      const { user, node, channel, isSlow } = this.filters;
      const request = {
        user: user || undefined,
        node: node || undefined,
        channel: channel || undefined,
        isSlow: isSlow || undefined,
        limit,
        after,
      };
      const outcome = await ask('connections', request);
      if (!outcome.ok) return outcome;
      const { connections: rows, next, silent, total } = outcome.value;
      return { ok: true, value: { rows, next, silent, total } };
    });
    this.#ask = ask;
    this.filters = filters;
  }

  filter(filters: Filters): Promise<boolean> {
    this.filters = filters;
    return this.begin();
  }

  async learnNodes(): Promise<void> {
    const outcome = await this.#ask('info', {});
    if (!outcome.ok) return;
    this.nodes = outcome.value.nodes;
    this.changed();
  }

  nameOf(node: string): string {
    return this.nodes.find(({ id }) => id === node)?.name || node.slice(0, 8);
  }
}

/** What a link to the page has asked for. */
export function filtersIn(search: string): Filters {
  const given = new URLSearchParams(search);
  const text = (name: string) => given.get(name) ?? '';
  return { user: text('user'), node: text('node'), channel: text('channel'), isSlow: given.has('slow') };
}
