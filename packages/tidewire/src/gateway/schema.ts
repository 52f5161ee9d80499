import { isIP } from 'node:net';
import { z } from 'zod';
import {
  choice,
  count,
  file,
  flag,
  list,
  longestTimer,
  named,
  notes,
  origin,
  secret,
  section,
  size,
  text,
  time,
  timeOrNone,
} from '../config/kinds.ts';
import { outlineOf } from '../config/outline.ts';
import { tokens } from '../config/schema/access.ts';
import { drain, log, metrics } from '../config/schema/service.ts';
import { isTargetUrl, rightTargetUrl } from './target-url.ts';

// All that a gateway can be told in a file.

const timer = { to: longestTimer };

/** What SIGHUP changes of the service, and not here. */
const readOnce = notes({ reload: false });

const listen = section({
  host: text('an address or a name')
    .prefault('127.0.0.1')
    .meta(notes({ flag: '--listen' }))
    .describe('Address to listen on; 0.0.0.0 or :: for all.'),
  port: count(0, 65_535).prefault(8080).describe('0 for one that the system chooses.'),
  tls: section({
    cert: file()
      .meta(notes({ flag: '--cert' }))
      .describe('The certificate with its chain behind it, in PEM.'),
    key: file()
      .meta(notes({ flag: '--key' }))
      .describe('Its key, in PEM and not encrypted.'),
  })
    .optional()
    .describe('Left out: no TLS.'),
})
  .prefault({})
  .describe('Where clients connect to.');

const targetTls = section({
  ca: file().optional().describe('Authorities that are trusted in place of the usual ones, in PEM.'),
  servername: text('a host name')
    .optional()
    .describe('The name that the certificate must be for. Left out: the host; of XMPP, the domain of the client.'),
  cert: file().optional().describe('What the gateway shows of itself, with its chain behind it, in PEM; needs key.'),
  key: file().optional().describe('The key of cert.'),
  insecure: flag()
    .prefault(false)
    .describe('Take any certificate. Whoever is on the way can then read and change everything.'),
});

const subprotocol = text('a subprotocol').refine((value) => /^[!#$%&'*+\-.^_`|~\w]+$/.test(value), {
  error: 'must be a token, such as v12.stomp',
});

const target = section({
  to: z
    .string({ error: `must be ${rightTargetUrl}` })
    .refine(isTargetUrl, { error: `must be ${rightTargetUrl}` })
    .meta(notes({ kind: 'URL', example: 'tcp://localhost:61613' }))
    .describe('The server: its host and port.'),
  path: z
    .string({ error: 'must be a path that begins with a slash' })
    .regex(/^\/[^?#\s]*$/, { error: 'must be a path that begins with a slash' })
    .meta(notes({ kind: 'path' }))
    .optional()
    .describe('Where clients ask for it. Left out: / and the name.'),
  subprotocols: list(subprotocol)
    .min(1, { error: 'must list a subprotocol at least' })
    .optional()
    .describe('What it speaks, the preferred first. Left out: what is known of its name, otherwise binary and base64.'),
  messages: choice(['auto', 'text', 'binary'] as const)
    .prefault('auto')
    .describe('How what the server sends goes to clients; auto: as text to those whose first message is text.'),
  tls: targetTls.prefault({}).describe('How TLS is spoken with it, if it is.'),
  encryption: choice(['offered', 'required', 'none'] as const)
    .prefault('offered')
    .describe('Of xmpp://: whether STARTTLS is begun; offered: where the server offers it.'),
  proxyProtocol: flag()
    .prefault(false)
    .describe("Tell the server the client's address by the PROXY protocol, version 2, which it must expect."),
  maxMessage: size().prefault('16MiB').describe('The largest message of a client; a larger one closes with 1009.'),
  maxStanza: size()
    .prefault('256KiB')
    .describe('Of XMPP: the largest element of a client; a larger one closes with policy-violation.'),
  connectTimeout: time(timer).prefault('5s').describe('For TCP and TLS together; later the client gets 504.'),
  idleTimeout: timeOrNone(timer).prefault('1h').describe('Close where no byte has gone either way for so long.'),
});

const targetName = z.string().regex(/^[A-Za-z0-9][\w.-]*$/, {
  error: 'must be a name of letters, digits, dots and dashes, such as stomp',
});

const key = section({
  name: text()
    .describe('As the log calls it.')
    .meta(notes({ example: 'app' })),
  key: secret().optional().describe('What clients bring: 16 characters or more.'),
  keyFile: file().optional().describe('The same, in a file.'),
  targets: list(text('the name of a target')).optional().describe('What it is good for. Left out: all targets.'),
});

const network = text('an address or a network').refine(
  (value) => {
    const [address = '', bits, ...more] = value.split('/');
    const most = isIP(address) === 4 ? 32 : 128;
    return (
      isIP(address) !== 0 && more.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))
    );
  },
  { error: 'must be an address, or a network such as 10.0.0.0/8' },
);

const limits = section({
  connections: count()
    .prefault(10_000)
    .meta(notes({ flag: '--max-connections' }))
    .describe('Connections, and attempts at them; one more gets 503.'),
  connectionsPerAddress: count()
    .prefault(1000)
    .meta(notes({ flag: '--max-connections-per-address' }))
    .describe('The same of one address of clients; one more gets 429.'),
  inFlight: size().prefault('256KiB').describe('What may wait each way of a connection before its sender has to.'),
  writeTimeout: timeOrNone(timer)
    .prefault('2m')
    .describe('Cut a client that takes nothing for so long although bytes wait.'),
  closeTimeout: time(timer)
    .prefault('10s')
    .describe("For a client's part of the closing handshake, and for a server to end its side after that."),
})
  .prefault({})
  .describe('What clients may take.');

export const gatewaySchema = section({
  listen,
  targets: named(targetName, target)
    .refine((value) => Object.keys(value).length > 0, { error: 'must name a target at least' })
    .meta(notes({ flag: '--map', example: 'stomp' }))
    .describe('Where clients may go, by name; nothing else can be reached.'),
  tokens: tokens
    .describe(
      'JSON Web Tokens. The claim targets lists what one is good for; one without it is good for all. Left out: there are none.',
    )
    .meta(readOnce),
  keys: list(key)
    .prefault([])
    .describe('Keys that are given to clients. Without tokens and keys, whoever gets here may connect.'),
  origins: list(
    z.union([z.literal('any'), origin()], { error: 'must be an origin such as https://example.com, or any' }),
  )
    .prefault([])
    .meta(notes({ flag: '--origin', kind: 'list of origins' }))
    .describe('Origins whose pages may connect, beside those of the host that they are for; any: all.'),
  requireOrigin: flag().prefault(false).describe('Refuse clients that send no Origin, as programs do.'),
  trustedProxies: list(network)
    .prefault([])
    .meta(notes({ flag: '--trust-proxy', kind: 'list of addresses' }))
    .describe('Addresses and networks of proxies whose X-Forwarded-For counts.'),
  limits,
  heartbeat: timeOrNone(timer)
    .prefault('30s')
    .meta(notes({ flag: '--heartbeat' }))
    .describe('Ping a client from which nothing has come for so long, and cut it if it stays silent.'),
  deflate: flag()
    .prefault(false)
    .meta(notes({ flag: '--deflate' }))
    .describe('Compress messages where the client offers it (permessage-deflate).'),
  metrics,
  drain: drain.meta(readOnce),
  log: log.meta(readOnce),
}).describe('The configuration of tidewire gateway.');

/** As it was checked: times in milliseconds, sizes in bytes, files not read yet. */
export type GatewayConfig = z.output<typeof gatewaySchema>;

export const gatewayOutline = outlineOf(gatewaySchema);
