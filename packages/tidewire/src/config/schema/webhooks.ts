import { count, file, list, longestTimer, notes, secret, section, text, time, url } from '../kinds.ts';

// How an application that is somewhere else is asked and told, as @tidewire/hub does it.

const where = (path: string) =>
  url('https', 'http')
    .optional()
    .meta(notes({ example: `https://app.example.com/${path}` }));

const urls = section({
  connect: where('connect').describe('Asked who a client is that has no token.'),
  refresh: where('refresh').describe('Asked whether a connection goes on, with its token.'),
  subscribe: where('subscribe').describe('Asked who may subscribe, where the namespace says ask.'),
  refreshSubscription: where('refresh-subscription').describe('Asked whether a subscription goes on, with its token.'),
  publish: where('publish').describe('Asked who may publish, where the namespace says ask.'),
  notices: where('notices').describe(
    'Told of channels that get their first subscriber and lose their last, in namespaces with occupancy.',
  ),
})
  .prefault({})
  .describe('Where the application is asked and told; what is left out is not asked there.');

export const webhooks = section({
  urls,
  secrets: list(secret())
    .prefault([])
    .describe('By which requests are signed, so that the application knows them: several while they are exchanged.'),
  secretFiles: list(file()).prefault([]).describe('The same, each in a file.'),
  timeout: time({ to: longestTimer }).prefault('3s').describe('From a question to the end of its answer.'),
  maxConnections: count().prefault(32).describe('Connections to one server at a time.'),
  maxPending: count()
    .prefault(1024)
    .describe('Requests that may wait for an answer or a connection; more fail at once.'),
  maxAttempts: count().prefault(12).describe('Times that a notice is sent before it is given up.'),
  maxAge: time({ to: longestTimer }).prefault('10m').describe('After which a notice is given up.'),
  forwardedHeaders: list(text())
    .prefault([])
    .describe('Headers of the handshake that connect is told of.')
    .meta(notes({ example: ['cookie'] })),
  ca: file().optional().describe('The authority that the application is trusted by, in PEM. Left out: those of Node.'),
})
  .optional()
  .describe('Asks and tells the application over HTTP. Left out: it is not asked.')
  .meta(notes({ reload: true }));
