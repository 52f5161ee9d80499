import { choice, count, file, list, notes, secret, section, size, text, time, url } from '../kinds.ts';

// What carries the hub. Each engine has a section of its own, which counts only if it is chosen.

const name = text()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'must be 1 to 64 letters, digits, - and _' })
  .prefault('tidewire');

const memory = section({
  maxHistory: size()
    .prefault('256MiB')
    .describe(
      'What all histories may take together, about. Beyond, the channels that were published to the longest ago lose theirs before their time: who comes back to one is told that it has missed something.',
    ),
})
  .prefault({})
  .describe('With the type memory.');

const disk = section({
  directory: file()
    .prefault('tidewire-data')
    .describe(
      'Where the history is kept. One process at a time may use it. How large it gets is up to the namespaces: give it a volume of its own.',
    )
    .meta(notes({ flag: '--data' })),
})
  .prefault({})
  .describe('With the type disk.');

const lease = time({ from: 500, to: 600_000 })
  .prefault('10s')
  .describe('After which a node that does not renew its lease is taken for dead.');

const nats = section({
  servers: list(text('the address of a NATS server'))
    .prefault(['nats://127.0.0.1:4222'])
    .describe('Servers of the cluster; the others are found from these.'),
  prefix: name.describe('What the names of subjects and streams begin with. Hubs with the same one are one.'),
  replicas: count(1, 5)
    .optional()
    .describe('How many servers keep each publication. Left out: 3 if the cluster has so many, else 1.')
    .meta(notes({ example: 3 })),
  storage: choice(['file', 'memory'] as const)
    .prefault('file')
    .describe('Where the servers keep it: on disk, or in memory, which is gone when all of them have restarted.'),
  user: text()
    .optional()
    .describe('With password.')
    .meta(notes({ example: 'tidewire' })),
  password: secret().optional().describe('Of the user.'),
  passwordFile: file().optional().describe('The same, in a file.'),
  token: secret().optional().describe('In place of a user.'),
  tokenFile: file().optional().describe('The same, in a file.'),
  credentialsFile: file().optional().describe('In place of both: the credentials as nsc writes them.'),
  ca: file()
    .optional()
    .describe('The authority that the servers are trusted by, in PEM, if they speak TLS. Left out: those of Node.'),
  timeout: time({ from: 100, to: 300_000 })
    .prefault('15s')
    .describe('For an operation. The election of a leader takes up to 9 seconds.'),
  lease,
})
  .prefault({})
  .describe('With the type nats: JetStream must be on.');

const redis = section({
  url: url('redis', 'rediss')
    .prefault('redis://127.0.0.1:6379')
    .describe('The server. User, password and database may be in it.')
    .meta(notes({ secret: true })),
  user: text()
    .optional()
    .describe('In place of the one of the URL.')
    .meta(notes({ example: 'tidewire' })),
  password: secret().optional().describe('In place of the one of the URL.'),
  passwordFile: file().optional().describe('The same, in a file.'),
  ca: file()
    .optional()
    .describe('The authority that the server is trusted by, in PEM, with rediss. Left out: those of Node.'),
  sentinel: section({
    name: text()
      .describe('Of the master, as Sentinel knows it.')
      .meta(notes({ example: 'mymaster' })),
    nodes: list(text('host:port').regex(/^.+:\d{1,5}$/, { error: 'must be host:port' }))
      .describe('Where Sentinel runs.')
      .meta(notes({ example: ['10.0.0.1:26379', '10.0.0.2:26379'] })),
  })
    .optional()
    .describe('Says which server is the master, in place of the host and port of the URL.'),
  prefix: name.describe('What the names of keys and channels begin with. Hubs with the same one are one.'),
  timeout: time({ from: 100, to: 300_000 }).prefault('5s').describe('After which the server is taken not to answer.'),
  lease,
  maxSize: size().prefault('8MiB').describe('The largest message that is taken.'),
})
  .prefault({})
  .describe('With the type redis.');

export const engine = section({
  type: choice(['memory', 'disk', 'nats', 'redis'] as const)
    .prefault('memory')
    .meta(notes({ flag: '--engine' }))
    .describe(
      'memory and disk are for one node; with disk, the history is there after a restart. nats and redis are for many.',
    ),
  memory,
  disk,
  nats,
  redis,
})
  .prefault({})
  .describe('What carries publications, presence and history.');
