import { z } from '@hono/zod-openapi';
import type { Published } from '@tidewire/hub';
import { problemOf } from './failures.ts';
import { type Operation, operation, type RequestContext } from './operation.ts';
import { channelName, manyChannels, problem, published, publishing } from './schemas.ts';

// What brings something to subscribers.

const publishInput = z
  .strictObject({ channel: channelName, ...publishing })
  .openapi('PublishRequest', { description: 'What is published, and where.' });

const broadcastInput = z
  .strictObject({ channels: manyChannels, ...publishing })
  .openapi('BroadcastRequest', { description: 'What is published to many channels.' });

const broadcastResult = z
  .strictObject({ channel: channelName, ...published.partial().shape, error: problem.optional() })
  .openapi('BroadcastResult', { description: 'What became of it in one channel: `error` if it was not published.' });

const broadcastOutput = z
  .strictObject({
    failed: z.int().min(0).openapi({ description: 'The number of channels to which it was not published.' }),
    results: z.array(broadcastResult).openapi({ description: 'In the order of the request.' }),
  })
  .openapi('BroadcastResponse');

export const publishingOperations: readonly Operation[] = [
  operation({
    name: 'publish',
    summary: 'Publish to a channel',
    description: 'Answered when the engine has it: with a history, when it is kept.',
    input: publishInput,
    output: published,
    channels: ({ channel }) => [channel],
    run: async (hub, { channel, data, ...options }, context) =>
      toPublished(await hub.publish(channel, data, withContext(options, context))),
  }),
  operation({
    name: 'broadcast',
    summary: 'Publish the same to many channels',
    description: 'Each channel has a result of its own; some may fail while others succeed.',
    input: broadcastInput,
    output: broadcastOutput,
    channels: ({ channels }) => channels,
    run: async (hub, { channels, data, ...options }, context) => {
      const settled = await hub.broadcast(channels, data, withContext(options, context));
      const results = settled.map((result, index) => resultOf(channels[index] ?? '', result, context));
      return { failed: settled.filter(({ status }) => status === 'rejected').length, results };
    },
  }),
];

function resultOf(channel: string, result: PromiseSettledResult<Published>, { failed }: RequestContext) {
  if (result.status === 'fulfilled') return { channel, ...toPublished(result.value) };
  return { channel, error: problemOf(result.reason, failed).details };
}

/** The key of the body counts before that of the header: it is nearer to what it is about. */
function withContext<Options extends { readonly idempotencyKey?: string | undefined }>(
  options: Options,
  { idempotencyKey }: RequestContext,
) {
  return { ...options, idempotencyKey: options.idempotencyKey ?? idempotencyKey };
}

function toPublished({ position, isDuplicate }: Published): z.input<typeof published> {
  return position === undefined ? { isDuplicate } : { position, isDuplicate };
}
