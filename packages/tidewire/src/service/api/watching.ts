import { z } from '@hono/zod-openapi';
import { latencyNames, type NodeStats, type StatsAnswer, totalNames } from '@tidewire/console/operate-messages';
import type { Connection, ConnectionDetails, Json, JsonValue } from '@tidewire/hub';
import { type Operation, operation } from './operation.ts';
import { channelName, clientName, data, nodeFields, silentNodes, time } from './schemas.ts';

// What an operator sees: the clients of all nodes, and what the nodes measure. Nodes that do not answer in time are named.

const amount = z.int().min(0);

const connectionFields = {
  client: clientName,
  user: z.string().openapi({ description: 'Empty for nobody in particular.', example: '42' }),
  node: z.string().openapi({ description: 'The node that it is connected to.' }),
  since: time('Since when, in milliseconds since 1970, by the clock of its node.'),
  transport: z.string().openapi({ description: 'How it is connected.', example: 'websocket' }),
  dialect: z.string().openapi({ description: 'The protocol that it speaks.' }),
  address: z.string().optional().openapi({ description: 'Where it comes from, if that is known.' }),
  channels: amount.openapi({ description: 'How many it is subscribed to.' }),
  waitingBytes: amount.openapi({ description: 'Bytes that have not left the node yet.' }),
  waitingMessages: amount.openapi({
    description: 'Messages that wait, because it reads more slowly than is published.',
  }),
  isSlow: z.boolean().openapi({ description: 'Whether what is published waits for it.' }),
};

const connection = z.strictObject(connectionFields).openapi('Connection', { description: 'A client of one node.' });

const subscription = z
  .strictObject({ channel: channelName, channelInfo: data.optional() })
  .openapi('Subscription', { description: 'A channel, and what the application says of the connection there.' });

const details = z
  .strictObject({
    ...connectionFields,
    connectionInfo: data.optional(),
    subscriptions: z.array(subscription).openapi({ description: 'At most the first thousand.' }),
  })
  .openapi('ConnectionDetails', {
    description: 'A client of one node, and its channels. Left out if there is no such client.',
  });

const connectionsInput = z
  .strictObject({
    user: z.string().max(1024).optional().openapi({ description: 'Only those of this user; empty: of nobody.' }),
    channel: channelName.optional().openapi({ description: 'Only those that are subscribed to it.' }),
    node: z.string().max(1024).optional().openapi({ description: 'Only those of the node with this id.' }),
    isSlow: z.boolean().optional().openapi({ description: 'Only those that are slow, or that are not.' }),
    limit: z.int().min(1).max(1000).default(100).openapi({ description: 'At most so many. Default 100.' }),
    after: z
      .string()
      .regex(/^\d{1,15}\..{1,100}$/)
      .optional()
      .openapi({ description: 'The `next` of the page before.' }),
  })
  .openapi('ConnectionsRequest');

const connectionsOutput = z
  .strictObject({
    connections: z.array(connection).openapi({ description: 'The newest first.' }),
    total: amount.openapi({ description: 'How many there are on all pages, on the nodes that have answered.' }),
    next: z.string().optional().openapi({ description: 'Where the next page begins, if there is one.' }),
    silent: silentNodes,
  })
  .openapi('ConnectionsResponse');

const distribution = z
  .strictObject({
    bounds: z.array(z.number()).openapi({ description: 'The upper bounds of the counts, in seconds.' }),
    counts: z.array(amount).openapi({
      description:
        'How many took as long as each bound, or less, and longer than the one before; last, those beyond all.',
    }),
    sum: z.number().openapi({ description: 'Of all, in seconds.' }),
  })
  .openapi('Distribution', { description: 'How long something took, since the process began.' });

const lag = z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() });

const figures = z
  .strictObject({
    time: time('When it was measured, in milliseconds since 1970.'),
    engine: z.strictObject({ name: z.string(), isUp: z.boolean() }),
    totals: z.record(z.enum(totalNames), z.number()).openapi({ description: 'Counted since the process began.' }),
    latencies: z.record(z.enum(latencyNames), distribution),
    process: z.strictObject({
      cpu: z.number().openapi({ description: 'Seconds of CPU time.' }),
      memory: amount.openapi({ description: 'Bytes of the whole process.' }),
      heap: amount.openapi({ description: 'Bytes that JavaScript has of them.' }),
      lag: lag.openapi({ description: 'Seconds by which the event loop was late, since this was last asked.' }),
    }),
    network: z.strictObject({
      connections: amount.openapi({ description: 'TCP connections.' }),
      unsent: amount.openapi({ description: 'Bytes that wait for peers to take them.' }),
    }),
  })
  .openapi('Figures', {
    description: 'What a node measures. Left out by one that measures nothing, or is of another version.',
  });

const nodeStats = z
  .strictObject({
    ...nodeFields,
    state: z.enum(['ready', 'interrupted', 'draining']).openapi({
      description: '`interrupted` while its engine does not work; `draining` while it ends.',
    }),
    slow: amount.openapi({ description: 'Clients that are slow at this moment.' }),
    figures: figures.optional(),
  })
  .openapi('NodeStats', { description: 'What a node says of itself at this moment.' });

const statsOutput: z.ZodType<StatsAnswer, StatsAnswer> = z
  .strictObject({ nodes: z.array(nodeStats), silent: silentNodes })
  .openapi('StatsResponse');

export const watchingOperations: readonly Operation[] = [
  operation({
    name: 'connections',
    summary: 'The clients of all nodes',
    description: 'A page at a time, the newest first. All nodes are asked: this is for people and for now and then.',
    input: connectionsInput,
    output: connectionsOutput,
    channels: () => undefined,
    run: async (hub, request) => {
      const { connections, total, next, silent } = await hub.connections(request);
      return {
        connections: connections.map(toConnection),
        total,
        ...(next === undefined ? {} : { next }),
        silent: [...silent],
      };
    },
  }),
  operation({
    name: 'connection',
    summary: 'One client, wherever it is',
    input: z.strictObject({ client: clientName }).openapi('ConnectionRequest'),
    output: z.strictObject({ connection: details.optional() }).openapi('ConnectionResponse'),
    channels: () => undefined,
    run: async (hub, { client }) => {
      const found = await hub.connection(client);
      return found === undefined ? {} : { connection: toDetails(found) };
    },
  }),
  operation({
    name: 'stats',
    summary: 'What the nodes measure',
    description:
      'The state of each node at this moment, and totals since it began: whoever asks twice knows the rates.',
    input: z.strictObject({}).openapi('StatsRequest'),
    output: statsOutput,
    channels: () => undefined,
    run: async (hub) => {
      const { nodes, silent } = await hub.stats();
      return { nodes: nodes.map(({ figures, ...node }) => ({ ...node, ...toFigures(figures) })), silent };
    },
  }),
];

/** Of a node of another version they may be something else. */
function toFigures(given: JsonValue | undefined): Pick<NodeStats, 'figures'> {
  const { data } = figures.safeParse(given);
  return data === undefined ? {} : { figures: data };
}

function toConnection({ address, ...rest }: Connection): z.input<typeof connection> {
  return { ...rest, ...(address === undefined ? {} : { address }) };
}

function toDetails({ info, subscriptions, ...rest }: ConnectionDetails): z.input<typeof details> {
  return {
    ...toConnection(rest),
    ...(info === undefined ? {} : { connectionInfo: parsed(info) }),
    subscriptions: subscriptions.map(({ channel, info: of }) => ({
      channel,
      ...(of === undefined ? {} : { channelInfo: parsed(of) }),
    })),
  };
}

function parsed(json: Json): JsonValue {
  return JSON.parse(json);
}
