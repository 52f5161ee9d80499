import { z } from 'zod';
import { choice, count, notes, rate, section, share, text, time } from './kinds.ts';

// What a phase can do, with the keys that each activity has.

const MAX_CONNECTIONS = 1_000_000;

const rampKinds = 'must be a time such as 10s, or { over: 10s, steps: 5 }';

const ramp = z
  .union(
    [
      time().transform((over) => ({ over })),
      section({
        over: time().describe('How long the ramp takes.'),
        steps: count(1, 1000).optional().describe('Open them in so many groups. Left out: one by one.'),
      }),
    ],
    { error: rampKinds },
  )
  .meta(notes({ kind: 'time, or { over, steps }' }));

const common = {
  name: text().optional().describe('What the report calls the phase. Default: what it does.'),
  connections: count(1, MAX_CONNECTIONS)
    .prefault(1)
    .describe('How many there are in this phase: what is missing is opened, what is too much is closed.'),
  ramp: ramp
    .prefault('0s')
    .describe('How long opening takes: evenly, or in steps. Nothing else is done before all are there.'),
  duration: time({ from: 1 }).prefault('10s').describe('How long the phase takes, once all connections are there.'),
};

const slow = section({
  share: share().describe('Which part of those that receive.'),
  rate: z
    .number({ error: 'must be a number from 0 on' })
    .min(0, { error: 'must be a number from 0 on' })
    .prefault(0)
    .describe('How many messages each of them reads in a second; 0: none at all.')
    .meta(notes({ kind: 'number' })),
})
  .optional()
  .describe('Consumers that read slowly, or not at all. What happens to them is reported apart from the others.')
  .meta(notes({ kind: 'keys' }));

const sending = {
  ...common,
  rate: rate(10_000).prefault(1).describe('Messages in a second, of each connection that sends.'),
  spacing: choice(['fixed', 'uniform', 'exponential'])
    .prefault('fixed')
    .describe(
      'The time between two messages of a connection: always the same; anything from half to one and a half of it; or as ' +
        'independent people would do it (a Poisson process).',
    ),
  message: text().prefault('{{stamp}} {{random:32}}').describe('What is sent, with placeholders.'),
  as: choice(['text', 'binary']).prefault('text').describe('plain: the kind of the messages.'),
  grace: time()
    .prefault('5s')
    .describe('How long to wait, after the last message was sent, for what has not come yet.'),
};

const echo = section({ do: z.literal('echo'), ...sending, slow }).describe(
  'Each connection sends, and the server sends the same back. With stomp and centrifugo through a channel of its own.',
);

const request = section({
  do: z.literal('request'),
  ...sending,
  message: text()
    .prefault('{"id":{{seq}},"text":"{{random:32}}"}')
    .describe('What is sent, with placeholders; {{seq}} is the id of the request.'),
  answer: text()
    .prefault('id')
    .describe(
      'plain: where in the JSON of the answer the id is, as keys with dots between. The other protocols have ids of their own.',
    ),
}).describe('Each connection sends requests, and the server answers each, in whatever order.');

const pubsub = section({
  do: z.literal('pubsub'),
  ...sending,
  slow,
  publishers: count(1, MAX_CONNECTIONS)
    .prefault(1)
    .describe('How many of the connections publish; the others subscribe.'),
  channels: count(1, 100_000)
    .prefault(1)
    .describe('How many channels; publishers and subscribers are spread over them.'),
  subscriptions: count(1, 1000).prefault(1).describe('How many channels each subscriber has.'),
  channel: text()
    .optional()
    .describe(
      'The name of a channel; {{channel}} is its number. Default: bench-{{channel}}; stomp: /topic/bench-{{channel}}; pusher: ' +
        'private-bench-{{channel}}.',
    ),
  subscribe: text()
    .optional()
    .describe(
      'plain: what a subscriber sends for each channel, with {{channel}}; left out: nothing, as with a server that sends ' +
        'everything to everybody. socket.io: the event that subscribes, with the name of the channel (default: subscribe).',
    ),
}).describe('Publishers send to channels, and every subscriber of a channel gets it: fan-out.');

const idle = section({ do: z.literal('idle'), ...common }).describe('Connections that are there, and do nothing.');

const storm = section({
  do: z.literal('storm'),
  ...common,
  share: share().prefault('100%').describe('Which part of the connections drops.'),
  drop: choice(['cut', 'close']).prefault('cut').describe('How: without a closing handshake, or with one.'),
  within: time().prefault('0s').describe('Over which time they come back.'),
  waves: count(1, 100).prefault(1).describe('How often, evenly over the duration.'),
}).describe('All connections, or a share of them, drop at once and come back.');

export const activities = [echo, request, pubsub, idle, storm] as const;
