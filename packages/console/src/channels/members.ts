import type { Ask } from '../operate/ask.ts';
import { Pages } from '../operate/pages.ts';

// Who is in a channel. Where presence is kept and not too many are there, that says who; otherwise it is the connections that are
// subscribed, a page at a time.

export interface MemberRow {
  readonly client: string;
  readonly user: string;
  readonly node: string;
  /** What the application says of it. */
  readonly info: unknown;
}

/** So many are asked for at once, all of presence. */
const MOST_PRESENT = 200;
/** Rows of a page of connections. */
const LIMIT = 50;

export class Members extends Pages<MemberRow> {
  /** Of presence; `undefined` where the channel has none. */
  counts: { readonly clients: number; readonly users: number } | undefined;

  /** @param most members of presence that are asked for at once */
  constructor(ask: Ask, channel: string, { most = MOST_PRESENT, limit = LIMIT } = {}) {
    super(async (after) => {
      const counts = channel.endsWith('*') ? undefined : await ask('presence_stats', { channel });
      this.counts = counts?.ok === true ? counts.value : undefined;
      if (this.counts !== undefined && this.counts.clients <= most) {
        const outcome = await ask('presence', { channel });
        if (outcome.ok) {
          const rows = outcome.value.members.map(({ client, user, node, connectionInfo, channelInfo }) => {
            return { client, user, node, info: channelInfo ?? connectionInfo };
          });
          return { ok: true, value: { rows, next: undefined, silent: [], total: rows.length } };
        }
      }
      const outcome = await ask('connections', { channel, limit, after });
      if (!outcome.ok) return outcome;
      const { connections, next, silent, total } = outcome.value;
      const rows = connections.map(({ client, user, node }) => ({ client, user, node, info: undefined }));
      return { ok: true, value: { rows, next, silent, total } };
    });
  }
}
