import { z } from '@hono/zod-openapi';
import type { JsonValue } from '@tidewire/hub';

// What requests and answers of the API are made of. These schemas are what requests are checked by, and what the OpenAPI
// document is made of: there is no second place to keep.

/** Bytes of UTF-8 would be exact; the hub counts them, and has a limit of its own. */
const MOST_OF_A_NAME = 1024;

/** Channels in one broadcast. */
const MOST_CHANNELS = 10_000;

const name = (description: string, example: string) =>
  z.string().min(1).max(MOST_OF_A_NAME).openapi({ description, example });

export const channelName = name(
  'A channel: its namespace, a colon, and the rest; or a name without a colon.',
  'chat:lobby',
);

export const userName = name('A user, as tokens and permissions name it.', '42');

export const clientName = name('One connection, as presence names it.', '0a35b51e-7b8e-4ea5-8d1b-6f0a4a0cbd3c');

/** Any JSON. It is not looked into: the parser of the body has. */
export const data = z
  .custom<JsonValue>((value) => value !== undefined, 'is missing')
  .openapi('Data', {
    type: ['object', 'array', 'string', 'number', 'boolean', 'null'],
    description: 'Any JSON. Of whole numbers beyond 2^53 digits are lost: say them as strings.',
    example: { text: 'Hello' },
  });

export const position = z
  .strictObject({
    epoch: z.string().max(MOST_OF_A_NAME).openapi({ description: 'Changes whenever offsets begin anew.' }),
    offset: z.int().min(0).openapi({ description: 'Everything up to and with this one.', example: 7 }),
  })
  .openapi('Position', { description: 'A place in the stream of a channel that has a history.' });

export const publishing = {
  data,
  tags: z
    .record(z.string().max(MOST_OF_A_NAME), z.string().max(MOST_OF_A_NAME))
    .optional()
    .openapi({ description: 'Strings that go with the publication.' }),
  key: z
    .string()
    .max(MOST_OF_A_NAME)
    .optional()
    .openapi({ description: 'With the policy `conflate`, a slow subscriber gets the newest publication of each key.' }),
  idempotencyKey: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .openapi({
      description:
        'A publication to the same channel with the same key within five minutes is not made again. ' +
        'The header `Idempotency-Key` says the same.',
    }),
  skipHistory: z
    .boolean()
    .optional()
    .openapi({ description: 'Whether only subscribers of this moment get it. Default `false`.' }),
};

export const manyChannels = z.array(channelName).min(1).max(MOST_CHANNELS);

/** Milliseconds since 1970. */
export const time = (description: string) => z.int().min(0).openapi({ description, example: 1_800_000_000_000 });

const client = {
  client: clientName,
  user: z.string().openapi({ description: 'Empty for nobody in particular.', example: '42' }),
  /** What the application says of the connection. */
  connectionInfo: data.optional(),
  /** What it says of it in this channel. */
  channelInfo: data.optional(),
};

export const clientInfo = z
  .strictObject(client)
  .openapi('ClientInfo', { description: 'A connection, as others see it.' });

export const member = z
  .strictObject({ ...client, node: z.string().openapi({ description: 'The node that it is connected to.' }) })
  .openapi('Member', { description: 'A connection in a channel.' });

export const publication = z
  .strictObject({
    offset: z.int().min(0).openapi({ example: 8 }),
    data,
    time: time('When it was published, in milliseconds since 1970.'),
    /** Who has published it, if it was a client. */
    info: clientInfo.optional(),
    tags: z.record(z.string(), z.string()).optional(),
    key: z.string().optional(),
  })
  .openapi('Publication', { description: 'A publication of a channel that has a history.' });

export const published = z
  .strictObject({
    /** Where it is; left out in a channel without a history. */
    position: position.optional(),
    isDuplicate: z
      .boolean()
      .openapi({ description: 'Whether the idempotency key was known, so that nothing was published.' }),
  })
  .openapi('Published', { description: 'What became of a publication.' });

const amount = z.int().min(0);

/** What a node says of itself. */
export const nodeFields = {
  id: z.string(),
  name: z.string(),
  version: z.string(),
  uptime: amount.openapi({ description: 'Seconds.' }),
  connections: amount,
  users: amount,
  channels: amount.openapi({ description: 'That have subscribers on this node.' }),
  subscriptions: amount,
};

export const silentNodes = z
  .array(
    z
      .strictObject({ id: z.string(), name: z.string() })
      .openapi('SilentNode', { description: 'A node that should have answered.' }),
  )
  .readonly()
  .openapi({ description: 'Nodes that have not answered in time: what only they know is missing.' });

export const nothing = z.strictObject({}).openapi('Nothing', { description: 'It is done.' });

export const problem = z
  .looseObject({
    type: z.string().openapi({ description: 'What kind of problem: one of those that GET /api/problems lists.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    code: z.int().optional().openapi({ description: "The hub's own error code, where there is one." }),
    errors: z
      .array(
        z.strictObject({
          pointer: z
            .string()
            .optional()
            .openapi({ description: 'A JSON pointer into the body.', example: '#/channel' }),
          header: z.string().optional().openapi({ description: 'A header of the request.' }),
          detail: z.string(),
        }),
      )
      .optional()
      .openapi({ description: 'Each thing that is wrong with the request.' }),
  })
  .openapi('Problem', { description: 'What went wrong (RFC 9457).' });

export type ProblemDetails = z.infer<typeof problem>;
