import type { Encoder, Push } from '@tidewire/hub';
import type { Dialect } from '../dialect.ts';
import { readCommands } from './commands.ts';
import {
  connectResult,
  errorReply,
  historyResult,
  presenceResult,
  presenceStatsResult,
  pushLine,
  refreshResult,
  reply,
  rpcResult,
  subscribeResult,
} from './replies.ts';

/** What a turn brings is one message of several lines. */
const encoder: Encoder = {
  name: 'centrifuge-json',
  encode: (pushes: readonly Push[]) => [pushes.map(pushLine).join('\n')],
};

/** Centrifugo's client protocol in JSON. */
export const centrifugeJson: Dialect = {
  encoder,
  ping: '{}',
  forgives: false,
  read: readCommands,
  connected: ({ id = '', positions }, result, terms) => reply(id, 'connect', connectResult(result, terms, positions)),
  subscribed: ({ id = '', request }, result) =>
    reply(id, 'subscribe', subscribeResult(result, request.position?.offset)),
  unsubscribed: ({ id = '' }) => reply(id, 'unsubscribe', '{}'),
  published: ({ id = '' }) => reply(id, 'publish', '{}'),
  presence: ({ id = '' }, members) => reply(id, 'presence', presenceResult(members)),
  presenceStats: ({ id = '' }, counts) => reply(id, 'presence_stats', presenceStatsResult(counts)),
  history: ({ id = '' }, result) => reply(id, 'history', historyResult(result)),
  called: ({ id = '' }, data) => reply(id, 'rpc', rpcResult(data)),
  refreshed: ({ id = '', type }, ttl) => reply(id, type === 'refresh' ? 'refresh' : 'sub_refresh', refreshResult(ttl)),
  pong: ({ id = '' }) => reply(id, 'ping', '{}'),
  failed: ({ id }, error) => id && errorReply(id, error),
};
