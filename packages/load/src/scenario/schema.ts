import { z } from 'zod';
import { activities } from './activities.ts';
import { choice, count, flag, notes, secret, section, text, time } from './kinds.ts';

// One schema says what a scenario can have: the types, the errors, the reference of the documentation and the JSON Schema come from it.

/** More connections than one address can have: beyond it are several addresses, which a list of URLs names. */
export const MAX_CONNECTIONS = 1_000_000;

const urlError = 'must be a URL that begins with ws:// or wss://, without a fragment (#)';

const url = z
  .string({ error: urlError })
  .refine((value) => /^(?:wss?|https?):\/\//i.test(value) && URL.canParse(value) && !value.includes('#'), {
    error: urlError,
  })
  .meta(notes({ kind: 'URL' }));

const headerError = 'must be the value of a header: text in one line';

const target = section({
  url: z
    .union([url.transform((one) => [one]), z.array(url, { error: urlError }).min(1, { error: urlError })], {
      error: urlError,
    })
    .describe('Where to connect to. Of a list, connections take one after the other, in turn.')
    .meta(notes({ kind: 'URL, or list of URLs' })),
  protocol: choice(['plain', 'socket.io', 'pusher', 'stomp', 'centrifugo'])
    .prefault('plain')
    .describe('What is spoken over the WebSocket. plain: messages as they are.'),
  headers: z
    .record(z.string(), z.string({ error: headerError }).regex(/^[^\r\n\0]*$/, { error: headerError }), {
      error: 'must be names of headers with values',
    })
    .prefault({})
    .describe('Sent with each opening handshake.')
    .meta(notes({ kind: 'names with values', secret: true })),
  subprotocols: z
    .array(text(), { error: 'must be a list' })
    .optional()
    .describe("Asked for, the best first. Default: the protocol's own, if it has one.")
    .meta(notes({ kind: 'list of text' })),
  origin: text().optional().describe('The Origin header.'),
  token: secret()
    .optional()
    .describe(
      'What each connection says who it is with: plain: as the header Authorization: Bearer …; centrifugo: the JWT; socket.io: ' +
        'the key token of auth; stomp: the passcode; pusher: the secret of the app, which signs private channels.',
    ),
  user: text().optional().describe('stomp: the login.'),
  namespace: text()
    .prefault('/')
    .describe('socket.io: the namespace. stomp: the host, which RabbitMQ calls virtual host.'),
  event: text()
    .optional()
    .describe(
      'socket.io: the event that messages are sent as (default: message). pusher: the client event (default: client-message). ' +
        'centrifugo: the method of RPCs; without one, a request is a publication.',
    ),
  ca: text().optional().describe('A file in PEM: trust this certificate authority, in place of the usual ones.'),
  insecure: flag().prefault(false).describe('Do not verify the certificate of the server.'),
  compression: flag().prefault(false).describe('Offer permessage-deflate.'),
  timeout: time({ from: 1 }).prefault('30s').describe('For a connection to be open, and for the protocol to be ready.'),
}).describe('Which server, and how it is spoken to.');

export const scenarioSchema = section({
  name: text().optional().describe('What the report calls the run.'),
  target,
  seed: count(0, 2 ** 32 - 1)
    .optional()
    .describe(
      'What all chance is made from, so that the same seed gives the same run. Default: another one each time; it is shown.',
    ),
  workers: count(1, 256)
    .optional()
    .describe('Threads that make the load. Default: one less than there are cores, and at least 1.'),
  phases: z
    .array(z.discriminatedUnion('do', activities, { error: 'must be echo, request, pubsub, idle or storm' }), {
      error: 'must be a list of phases',
    })
    .min(1, { error: 'must have at least one phase' })
    .max(100, { error: 'must have 100 phases at most' })
    .describe('What is done, one after the other. Connections that a phase has opened are those of the next.'),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioInput = z.input<typeof scenarioSchema>;
export type Target = Scenario['target'];
export type Phase = Scenario['phases'][number];
export type Activity = Phase['do'];

/** A phase in which messages are sent by a schedule. */
export type SendingPhase = Extract<Phase, { readonly rate: number }>;

/** For editors: what a file may look like. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  return { title: 'Tidewire load test', ...z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' }) };
}
