import { count, longestTimer, notes, section, size, time, timeOrNone } from '../kinds.ts';

// What one client, or one node, may take: the limits of @tidewire/hub.

export const limits = section({
  channelsPerClient: count().prefault(128).describe('Channels that a client is subscribed to. More: error 106.'),
  channelNameLength: count().prefault(255).describe('Characters of the name of a channel. More: error 107.'),
  commandRate: count()
    .prefault(100)
    .describe('Commands of a connection in a second. More: error 111; three times as many end it with 3013.'),
  userCommandRate: count()
    .prefault(400)
    .describe('Commands of all connections of a user on a node in a second. More: as above.'),
  connectionsPerUser: count().prefault(100).describe('Connections of a user on a node. More: 3504.'),
  connectionsPerAddress: count()
    .optional()
    .describe(
      'Connections from an address on a node. More: 3504. Left out: no limit, because it may be the address of a proxy.',
    )
    .meta(notes({ example: 1000 })),
  maxConnections: count()
    .prefault(100_000)
    .describe('Clients of a node. More: error 111, upon which clients try again later.'),
  queueSize: size().prefault('4MiB').describe('What may wait for one client in all. More: 3008.'),
  hookTimeout: time().prefault('5s').describe('How long a webhook may take for one answer.'),
  subscribeTimeout: time().prefault('10s').describe('Until a subscription that does not begin has failed.'),
  recoveryLimit: count()
    .prefault(1000)
    .describe('Publications that are given back at once; who has missed more is told that it has.'),
  historyLimit: count().prefault(1000).describe('Publications that a client may read of a history at once.'),
})
  .prefault({})
  .describe('What one client, or one node, may take of the hub.')
  .meta(notes({ reload: true }));

export const clients = section({
  pingInterval: timeOrNone({ from: 1000, to: longestTimer })
    .prefault('25s')
    .describe('A ping goes to each client of an SDK so often.'),
  pongTimeout: time({ to: longestTimer })
    .prefault('8s')
    .describe('A client that says nothing for so long after a ping is sent away. Less than pingInterval.'),
  maxMessageSize: size()
    .prefault('128KiB')
    .describe('The largest message of a client; it holds one publication or more. A larger one ends the connection.'),
})
  .refine(({ pingInterval, pongTimeout }) => pingInterval === false || pongTimeout < pingInterval, {
    path: ['pongTimeout'],
    error: 'has to be less than pingInterval',
  })
  .prefault({})
  .describe('How clients of the hub are held.');
