import { z } from '@hono/zod-openapi';
import type { ClientInfo, Json, JsonValue, Member, StoredPublication } from '@tidewire/hub';
import { type Operation, operation } from './operation.ts';
import { channelName, type clientInfo, member, nothing, position, publication, silentNodes } from './schemas.ts';

// What tells of channels: who is there, what was published.

const aChannel = z.strictObject({ channel: channelName }).openapi('ChannelRequest');

const historyInput = z
  .strictObject({
    channel: channelName,
    /** Only what came after this, or before it if `isReversed`. */
    since: position.optional(),
    limit: z.int().min(0).max(10_000).default(100).openapi({
      description: 'At most so many publications. 0 asks for the position alone. Default 100.',
    }),
    isReversed: z.boolean().optional().openapi({ description: 'Whether the newest comes first. Default `false`.' }),
  })
  .openapi('HistoryRequest');

const historyOutput = z
  .strictObject({
    /** Where the channel is now. */
    position,
    publications: z.array(publication),
    isComplete: z.boolean().openapi({
      description: 'Whether nothing is missing between `since` and the first publication. `true` without `since`.',
    }),
  })
  .openapi('HistoryResponse');

const presenceOutput = z
  .strictObject({ members: z.array(member) })
  .openapi('PresenceResponse', { description: 'All connections in the channel, on all nodes.' });

const statsOutput = z
  .strictObject({ clients: z.int().min(0), users: z.int().min(0) })
  .openapi('PresenceStatsResponse', { description: 'How many connections and users are there, on all nodes.' });

const channelsInput = z
  .strictObject({
    pattern: channelName.optional().openapi({
      description: 'A name, or the beginning of names with a `*` behind it. Default: all channels.',
      example: 'chat:*',
    }),
    limit: z.int().min(1).max(1000).optional().openapi({
      description: 'At most so many, by name. Default: all; a node that does not answer makes that fail.',
    }),
    after: z.string().max(1024).optional().openapi({ description: 'With `limit`: the `next` of the page before.' }),
  })
  .refine(({ limit, after }) => limit !== undefined || after === undefined, {
    path: ['after'],
    message: 'needs a limit',
  })
  .openapi('ChannelsRequest');

const channelsOutput = z
  .strictObject({
    channels: z.record(z.string(), z.strictObject({ subscribers: z.int().min(0) })).openapi({
      description: 'By name. Channels without subscribers are none of them.',
      example: { 'chat:lobby': { subscribers: 2 } },
    }),
    next: z.string().optional().openapi({ description: 'With `limit`: where the next page begins, if there is one.' }),
    silent: silentNodes.optional().openapi({ description: 'With `limit`: nodes that have not answered in time.' }),
  })
  .openapi('ChannelsResponse');

export const readingOperations: readonly Operation[] = [
  operation({
    name: 'history',
    summary: 'What was published to a channel',
    description:
      'After `since`, oldest first; or with `isReversed` before it, newest first. `position` is where the channel is.',
    input: historyInput,
    output: historyOutput,
    channels: ({ channel }) => [channel],
    run: async (hub, { channel, ...request }) => {
      const { position, publications, isComplete } = await hub.history(channel, request);
      return { position, publications: publications.map(toPublication), isComplete };
    },
  }),
  operation({
    name: 'history_remove',
    summary: 'Forget what was published to a channel',
    description: 'Whoever comes back with an older position is told that something is missing.',
    input: aChannel,
    output: nothing,
    channels: ({ channel }) => [channel],
    run: async (hub, { channel }) => {
      await hub.removeHistory(channel);
      return {};
    },
  }),
  operation({
    name: 'presence',
    summary: 'Who is in a channel',
    input: aChannel,
    output: presenceOutput,
    channels: ({ channel }) => [channel],
    run: async (hub, { channel }) => ({ members: (await hub.presence(channel)).map(toMember) }),
  }),
  operation({
    name: 'presence_stats',
    summary: 'How many are in a channel',
    input: aChannel,
    output: statsOutput,
    channels: ({ channel }) => [channel],
    run: async (hub, { channel }) => {
      const { clients, users } = await hub.presenceStats(channel);
      return { clients, users };
    },
  }),
  operation({
    name: 'channels',
    summary: 'The channels that have subscribers',
    description: 'All nodes are asked: this is for people and for now and then.',
    input: channelsInput,
    output: channelsOutput,
    channels: ({ pattern }) => (pattern === undefined || isOfAllNamespaces(pattern) ? undefined : [pattern]),
    run: async (hub, { limit, ...request }) => {
      if (limit === undefined) return { channels: Object.fromEntries(await hub.channels(request.pattern)) };
      const { channels, next, silent } = await hub.channelPage({ ...request, limit });
      return { channels: Object.fromEntries(channels), ...(next === undefined ? {} : { next }), silent };
    },
  }),
];

/** Without a colon before it, a star stands for one, too. */
function isOfAllNamespaces(pattern: string): boolean {
  return pattern.endsWith('*') && !pattern.includes(':');
}

function toPublication({ publication: { data, info, tags, key, time }, offset }: StoredPublication) {
  return {
    offset,
    data: parsed(data),
    time,
    ...(info === undefined ? {} : { info: toClientInfo(info) }),
    ...(tags === undefined ? {} : { tags }),
    ...(key === undefined ? {} : { key }),
  };
}

function toMember({ info, node }: Member): z.input<typeof member> {
  return { ...toClientInfo(info), node };
}

function toClientInfo({ client, user, connectionInfo, channelInfo }: ClientInfo): z.input<typeof clientInfo> {
  return {
    client,
    user,
    ...(connectionInfo === undefined ? {} : { connectionInfo: parsed(connectionInfo) }),
    ...(channelInfo === undefined ? {} : { channelInfo: parsed(channelInfo) }),
  };
}

function parsed(json: Json): JsonValue {
  return JSON.parse(json);
}
