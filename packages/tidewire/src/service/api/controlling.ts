import { z } from '@hono/zod-openapi';
import { disconnectCodes } from '@tidewire/hub';
import { type Operation, operation } from './operation.ts';
import { channelName, clientName, data, nodeFields, nothing, time, userName } from './schemas.ts';

// What concerns users and their connections, wherever they are connected, and the nodes.

const user = userName;
const client = clientName.optional().openapi({ description: 'Only this connection of the user. Default: all.' });

/** Of a user, or of one connection whoever's it is. */
const whom = {
  user: user.optional().openapi({ description: 'Its connections, wherever they are. Needed without `client`.' }),
  client: clientName.optional().openapi({
    description: 'Only this connection of the user; without `user`, this connection whoever it is of. Default: all.',
  }),
};

const isWhom = {
  check: (given: { readonly user?: string | undefined; readonly client?: string | undefined }) =>
    given.user !== undefined || given.client !== undefined,
  otherwise: { path: ['user'], message: 'is needed, or a client' },
};

const whether = z
  .strictObject({
    isFound: z.boolean().optional().openapi({
      description: 'Whether the connection was there: said where a `client` is given without a `user`.',
    }),
  })
  .openapi('Whether', { description: 'It is done.' });

const disconnectInput = z
  .strictObject({
    ...whom,
    except: z.array(clientName).max(1000).optional().openapi({ description: 'Connections that stay.' }),
    code: z.int().min(3000).max(4999).optional().openapi({
      description: 'Clients come back after 3000 to 3499 and 4000 to 4499, and not after others. Default 3503.',
    }),
    reason: z.string().max(100).optional().openapi({ description: 'For people. Default: what goes with 3503.' }),
  })
  .refine(({ code, reason }) => code !== undefined || reason === undefined, {
    path: ['reason'],
    message: 'needs a code',
  })
  .refine(isWhom.check, isWhom.otherwise)
  .refine(({ user, except }) => user !== undefined || except === undefined, {
    path: ['except'],
    message: 'needs a user',
  })
  .openapi('DisconnectRequest', { description: 'With a `user`, a `client`, or both.' });

const refreshInput = z
  .strictObject({
    user,
    client,
    expiresAt: time('Until when its connections are good, in milliseconds since 1970. Default: for ever.').optional(),
    isExpired: z.boolean().optional().openapi({ description: 'Whether they are to end now, with 3005.' }),
  })
  .openapi('RefreshRequest');

const membership = z.strictObject({ user, channel: channelName, client }).openapi('MembershipRequest');

const leaving = z
  .strictObject({ ...whom, channel: channelName })
  .refine(isWhom.check, isWhom.otherwise)
  .openapi('UnsubscribeRequest', { description: 'With a `user`, a `client`, or both.' });

const node = z.strictObject(nodeFields).openapi('Node', { description: 'What a node says of itself.' });

const infoOutput = z.strictObject({ nodes: z.array(node) }).openapi('InfoResponse');

export const controllingOperations: readonly Operation[] = [
  operation({
    name: 'send',
    summary: 'Send a message to a user',
    description: 'To all connections of the user, outside of any channel. It is not kept for who is away.',
    input: z.strictObject({ user, data }).openapi('SendRequest'),
    output: nothing,
    channels: () => undefined,
    run: async (hub, request) => {
      await hub.send(request.user, request.data);
      return {};
    },
  }),
  operation({
    name: 'subscribe',
    summary: 'Subscribe a user to a channel',
    description: 'All connections that the user has now; the permissions of the namespace are not asked.',
    input: membership,
    output: nothing,
    channels: ({ channel }) => [channel],
    run: async (hub, request) => {
      await hub.subscribe(request.user, request.channel, { client: request.client });
      return {};
    },
  }),
  operation({
    name: 'unsubscribe',
    summary: 'Take a user, or one connection, out of a channel',
    input: leaving,
    output: whether,
    channels: ({ channel }) => [channel],
    run: async (hub, { user, client, channel }) => {
      if (user === undefined) return { isFound: await hub.unsubscribeClient(client ?? '', channel) };
      await hub.unsubscribe(user, channel, { client });
      return {};
    },
  }),
  operation({
    name: 'disconnect',
    summary: 'Disconnect a user, or one connection',
    input: disconnectInput,
    output: whether,
    channels: () => undefined,
    run: async (hub, { user, client, except, code, reason = '' }) => {
      const disconnect = code === undefined ? disconnectCodes.FORCE_NO_RECONNECT : { code, reason };
      if (user === undefined) return { isFound: await hub.disconnectClient(client ?? '', disconnect) };
      await hub.disconnect(user, { client, except, disconnect });
      return {};
    },
  }),
  operation({
    name: 'refresh',
    summary: 'Say anew how long the connections of a user are good',
    input: refreshInput,
    output: nothing,
    channels: () => undefined,
    run: async (hub, { user, ...options }) => {
      await hub.refresh(user, options);
      return {};
    },
  }),
  operation({
    name: 'info',
    summary: 'The nodes, and what they hold',
    input: z.strictObject({}).openapi('InfoRequest'),
    output: infoOutput,
    channels: () => undefined,
    run: async (hub) => ({ nodes: (await hub.info()).map((node) => ({ ...node })) }),
  }),
];
