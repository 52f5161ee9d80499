import { z } from 'zod';
import { choice, count, flag, named, notes, section, size, time } from '../kinds.ts';

// The options of channels, as @tidewire/hub has them. What is left out is as the hub has it.

const access = (...without: readonly string[]) =>
  choice(['everyone', 'users', 'subscribers', 'ask', 'nobody'] as const).refine((value) => !without.includes(value), {
    error: `cannot be ${without.join(' or ')} here`,
  });

const history = section({
  size: count()
    .describe('Publications that are kept for each channel.')
    .meta(notes({ example: 100 })),
  ttl: time()
    .describe('How long they are kept.')
    .meta(notes({ example: '1h' })),
  positionTtl: time()
    .optional()
    .describe(
      'How long the place in the stream outlives the last publication: who comes back later has to begin anew. 30 days if it is left out.',
    )
    .meta(notes({ example: '30d' })),
}).describe('What is kept of what was published. Left out: nothing.');

const presence = section({
  grace: time({ from: 0 }).prefault('5s').describe('How long a connection may be away before it counts as gone.'),
  events: choice(['connection', 'user', 'none'] as const)
    .prefault('connection')
    .describe(
      'Who is told to the subscribers to join and to leave: each connection, each user with its first and its last, or nobody.',
    ),
});

const namespace = section({
  history: history.optional(),
  recovery: flag()
    .prefault(true)
    .describe('Whether who comes back gets what it has missed, in channels with a history.'),
  presence: z
    .union([z.boolean(), presence], { error: 'must be true, false, or grace and events' })
    .prefault(false)
    .describe('Whether it is known who is in a channel: true, or in detail how.')
    .meta(notes({ kind: 'true, false or keys' })),
  subscribe: access('subscribers').prefault('users').describe('Who may subscribe.'),
  subscribePrefix: access('subscribers')
    .prefault('nobody')
    .describe('Who may subscribe to many channels of the namespace at once, by a prefix such as chat:* or chat:a:*.'),
  publish: access().prefault('nobody').describe('Who may publish.'),
  seePresence: access('ask')
    .prefault('subscribers')
    .describe('Who may see who is there, and is told of who joins and leaves.'),
  seeHistory: access('ask').prefault('subscribers').describe('Who may read what was published.'),
  slowConsumer: choice(['disconnect', 'drop-oldest', 'conflate'] as const)
    .prefault('disconnect')
    .describe('What happens to a subscriber that reads more slowly than is published.'),
  maxQueueSize: size().prefault('1MiB').describe('What may wait for one slow subscriber.'),
  maxPublicationSize: size().prefault('64KiB').describe('The largest publication of a client.'),
  publishRate: count()
    .optional()
    .describe(
      'Publications that one connection, and one user, may make in a second, on average. Left out: no limit of its own.',
    )
    .meta(notes({ example: 10 })),
  occupancy: flag()
    .prefault(false)
    .describe(
      'Whether the application is told, by a webhook, when a channel gets its first subscriber and loses its last.',
    ),
});

const name = z.string().regex(/^(?:[A-Za-z0-9][A-Za-z0-9_-]{0,63})?$/, {
  error: 'a namespace is named by letters, digits, - and _, 64 at most, and begins with a letter or a digit',
});

export const namespaces = named(name, namespace)
  .prefault({})
  .describe(
    'What channels are like, by their namespace: what stands before the first colon of their name. "" is the one of channels without a colon. A channel of a namespace that is not here does not exist.',
  )
  .meta(notes({ reload: true, example: 'chat' }));
