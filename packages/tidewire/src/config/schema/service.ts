import { logLevels } from '../../service/log-levels.ts';
import {
  choice,
  count,
  file,
  flag,
  list,
  longestTimer,
  notes,
  origin,
  secret,
  section,
  size,
  text,
  time,
  timeOrNone,
} from '../kinds.ts';

// Where the service listens, what holds for all connections, and what there is to try it with.

const timer = { to: longestTimer };

export const listen = section({
  host: text('an address or a name')
    .prefault('127.0.0.1')
    .meta(notes({ flag: '--host' }))
    .describe('Address to listen on; 0.0.0.0 or :: for all.'),
  port: count(0, 65_535)
    .prefault(8080)
    .meta(notes({ flag: '--port' }))
    .describe('0 for one that the system chooses.'),
  tls: section({
    cert: file()
      .meta(notes({ flag: '--cert', reload: true }))
      .describe('The certificate with its chain behind it, in PEM.')
      .meta(notes({ example: '/etc/tidewire/cert.pem' })),
    key: file()
      .meta(notes({ flag: '--key', reload: true }))
      .describe('Its key, in PEM and not encrypted.')
      .meta(notes({ example: '/etc/tidewire/key.pem' })),
  })
    .optional()
    .describe('Left out: no TLS. The files are read again on SIGHUP.'),
})
  .prefault({})
  .describe('Where the service is.');

export const origins = list(origin())
  .prefault([])
  .meta(notes({ flag: '--origin' }))
  .describe('Origins whose pages may connect, beside those of the host that they are for. The echo is open to all.')
  .meta(notes({ example: ['https://example.com'] }));

export const heartbeat = timeOrNone(timer)
  .prefault('30s')
  .meta(notes({ flag: '--heartbeat' }))
  .describe('Ping a client from which nothing has come for so long, and cut it if it stays silent.');

export const idleTimeout = timeOrNone(timer)
  .prefault('2m')
  .meta(notes({ flag: '--idle-timeout' }))
  .describe('Close a client from which nothing at all has come for so long. Longer than heartbeat.');

export const deflate = flag()
  .prefault(false)
  .meta(notes({ flag: '--deflate' }))
  .describe('Compress messages where the client offers it (permessage-deflate).');

export const maxConnections = count()
  .prefault(10_000)
  .meta(notes({ flag: '--max-connections' }))
  .describe('Connections of each endpoint; one more gets 503.');

export const drain = section({
  window: time({ from: 0, ...timer })
    .prefault('10s')
    .describe(
      'Over which the clients are told to reconnect, at most: a hundred in a second, or faster where there are so many that this would take longer.',
    ),
  timeout: time(timer)
    .prefault('1s')
    .describe('After which those that have not finished the closing handshake are cut.'),
})
  .prefault({})
  .describe('What happens on SIGTERM.')
  .meta(notes({ reload: true }));

export const log = section({
  level: choice(logLevels)
    .prefault('info')
    .meta(notes({ flag: '--log-level' }))
    .describe('What to log to stderr.'),
})
  .prefault({})
  .describe('What the service says of itself.')
  .meta(notes({ reload: true }));

export const metrics = section({
  enabled: flag().prefault(true).describe('Whether the service counts, and answers to /metrics.'),
  key: secret()
    .optional()
    .describe('Who asks must have it as Authorization: Bearer KEY. Left out: whoever gets there may ask.'),
  keyFile: file().optional().describe('The same, in a file.'),
  address: section({
    host: text('an address or a name').prefault('127.0.0.1').describe('Address to listen on.'),
    port: count(0, 65_535)
      .describe('Port to listen on.')
      .meta(notes({ example: 9090 })),
  })
    .optional()
    .describe('Where /metrics is in place of the address of the service, over plain HTTP.'),
})
  .prefault({})
  .describe('What Prometheus is told.');

export const playground = flag()
  .prefault(true)
  .describe('Whether there are an echo, a chat and a race to try the service with, each with a page.');

export const console = section({
  enabled: flag().prefault(true).describe('Whether they are there. One logs in to them with a key of the API.'),
  hosts: list(text('a host name'))
    .prefault([])
    .describe(
      'Host names by which they may be asked for, beside those of this machine. Left empty: any, unless the service listens on a loopback address.',
    )
    .meta(notes({ example: ['tidewire.example.com'] })),
})
  .prefault({})
  .describe('The pages for who runs the service, at /console.');

export const inspector = section({
  enabled: flag()
    .prefault(false)
    .describe(
      'Whether it is there, at /console/inspector: for who has logged in with a key whose operations are all, or have inspect among them.',
    ),
  record: flag()
    .prefault(true)
    .describe('Whether connections are recorded from the beginning; otherwise from when somebody turns it on there.'),
  masks: flag()
    .prefault(true)
    .describe('Whether tokens, passwords and cookies are masked in what is shown and exported.'),
  keep: size().prefault('64MiB').describe('What is kept of messages at most, in memory; older ones make room.'),
  keepMessages: count().prefault(100_000).describe('How many messages are kept at most.'),
  keepOfMessage: size().prefault('1MiB').describe('What is kept of one message at most.'),
})
  .prefault({})
  .describe('Records what goes over the WebSockets of the hub and of the echo, for a page that shows and changes it.');

export const echo = section({
  maxMessage: size()
    .prefault('16MiB')
    .meta(notes({ flag: '--max-message' }))
    .describe('The largest message of the echo; a larger one ends the connection with 1009.'),
})
  .prefault({})
  .describe('The echo of the playground.');

export const chat = section({
  maxImage: size()
    .prefault('256KiB')
    .meta(notes({ flag: '--max-image' }))
    .describe('The largest image in the chat. The page makes larger ones smaller.'),
  maxRooms: count()
    .prefault(20)
    .meta(notes({ flag: '--max-rooms' }))
    .describe('Rooms of the chat that people have opened on a node, beside those that are always there.'),
  rate: count()
    .prefault(10)
    .meta(notes({ flag: '--rate' }))
    .describe('Messages per second of one member of the chat, on average.'),
})
  .prefault({})
  .describe('The chat of the playground.');
