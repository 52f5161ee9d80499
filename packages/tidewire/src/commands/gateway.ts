import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Entry } from '../config/layers.ts';
import { logLevels } from '../service/log-levels.ts';
import { addManual, type Manual } from './manual.ts';
import { collect, parseCount, parsePort, parseTimeOrNone } from './values.ts';

/** The flags as commander gives them. */
interface GatewayFlags {
  readonly config?: string;
  readonly listen?: { readonly host: string | undefined; readonly port: number };
  readonly map?: readonly (readonly [name: string, to: string])[];
  readonly cert?: string;
  readonly key?: string;
  readonly origin?: readonly string[];
  readonly trustProxy?: readonly string[];
  readonly ca?: string;
  readonly insecure?: boolean;
  readonly proxyProtocol?: boolean;
  readonly maxConnections?: number;
  readonly maxConnectionsPerAddress?: number;
  readonly heartbeat?: number | false;
  readonly deflate?: boolean;
  readonly logLevel?: string;
}

const manual: Manual = {
  details: `
Each --map puts a server behind the path /NAME. The name says which subprotocols clients may ask for: stomp has v12.stomp, v11.stomp
and v10.stomp, amqp has amqp, mqtt has mqtt and mqttv3.1; all others have binary and base64, as websockify does, and take
clients that ask for none. The server is tcp://HOST:PORT, or tls://HOST:PORT, whose certificate is verified. Nothing else can be
reached: no request names a host.

xmpp://HOST (port 5222) and xmpps://HOST:PORT are no tunnels: clients speak XMPP as over WebSockets (RFC 7395), the server as over
TCP (RFC 6120). TLS is begun where the server offers it, and its certificate must be for the domain that the client asks for.

The server is connected to before the client is accepted, so that a client sees 502 where nobody listens, and 504 where nobody
answers. What the server sends goes on as binary messages, or as text to a client whose first message is text. When the server ends
the connection the client is closed with 1000 behind all that has come, and with 1011 when the connection is lost; when the client
has gone, the server's side is ended.

/health says how many clients each target has, and /metrics tells Prometheus. SIGTERM closes all clients with 1001, spread in
time; Ctrl-C closes them at once.

A file says more than the flags: paths and subprotocols, tokens and keys, limits and deadlines of each target. What a flag says
beats it.`,
  examples: [
    {
      says: 'STOMP of RabbitMQ for pages of https://app.example.com',
      command: 'tidewire gateway --map stomp=tcp://localhost:61613 --origin https://app.example.com',
    },
    {
      says: 'two servers, for everybody who can reach this machine, over TLS',
      command:
        'tidewire gateway --listen :8443 --cert cert.pem --key key.pem --map mqtt=tls://broker:8883 --map ssh=tcp://localhost:22',
    },
    { says: 'XMPP, for clients of ws://localhost:8080/chat', command: 'tidewire gateway --map chat=xmpp://localhost' },
    {
      says: 'behind a proxy on this machine, and with the address of the client for the server',
      command: 'tidewire gateway --map amqp=tcp://localhost:5672 --trust-proxy 127.0.0.1 --proxy-protocol',
    },
    { says: 'with everything in a file', command: 'tidewire gateway --config gateway.yaml' },
  ],
  exits: [[130, 'a second Ctrl-C']],
};

export function addGateway(program: Command): void {
  const gateway = program
    .command('gateway')
    .summary('a WebSocket in front of any TCP server')
    .description('Takes WebSockets, and connects each with a TCP server: STOMP, AMQP, MQTT, or any bytes.')
    .option('-c, --config <file>', 'YAML or JSON; flags beat it')
    .addOption(
      new Option(
        '-l, --listen <address>',
        'PORT, HOST:PORT, or :PORT on all addresses (default: 127.0.0.1:8080)',
      ).argParser(parseListen),
    )
    .option(
      '-m, --map <name=url>',
      'a server, tcp://, tls://, xmpp:// or xmpps://HOST:PORT; may be repeated',
      collectMap,
    )
    .option('--cert <file>', 'TLS certificate with its chain, in PEM; needs --key')
    .option('--key <file>', 'its key, in PEM and not encrypted')
    .option('--origin <origin>', 'pages from there may connect, too, or any; may be repeated', collect)
    .option('--trust-proxy <address>', 'a proxy, or a network, whose X-Forwarded-For counts; may be repeated', collect)
    .option('--ca <file>', 'trust these authorities for the servers of --map, in PEM, in place of the usual ones')
    .option('--insecure', 'take any certificate of the servers of --map')
    .option('--proxy-protocol', 'tell the servers of --map the address of the client, by the PROXY protocol')
    .addOption(new Option('--max-connections <number>', 'in all (default: 10000)').argParser(parseCount))
    .addOption(
      new Option('--max-connections-per-address <number>', 'of one address of clients (default: 1000)').argParser(
        parseCount,
      ),
    )
    .addOption(
      new Option(
        '--heartbeat <time>',
        'ping a client that has been silent for so long, or none (default: 30s)',
      ).argParser(parseTimeOrNone),
    )
    .option('--deflate', 'compress messages where the client offers it (permessage-deflate)')
    .addOption(new Option('--log-level <level>', 'what to log to stderr (default: info)').choices(logLevels))
    .action(async (flags: GatewayFlags) => {
      const { runGateway } = await import('../gateway/run.ts');
      await runGateway(flags.config, entriesOf(flags));
    });
  addManual(gateway, manual);
}

function entriesOf(flags: GatewayFlags): readonly Entry[] {
  const { listen, map = [], heartbeat, insecure, proxyProtocol, ca } = flags;
  const entry = (path: Entry['path'], name: string, value: unknown): readonly Entry[] =>
    value === undefined ? [] : [{ path, name, value }];
  return [
    ...entry(['listen', 'host'], '--listen', listen?.host),
    ...entry(['listen', 'port'], '--listen', listen?.port),
    ...entry(['listen', 'tls', 'cert'], '--cert', flags.cert),
    ...entry(['listen', 'tls', 'key'], '--key', flags.key),
    ...map.flatMap(([target, to]) => [
      ...entry(['targets', target, 'to'], '--map', to),
      ...entry(['targets', target, 'tls', 'ca'], '--ca', ca),
      ...entry(['targets', target, 'tls', 'insecure'], '--insecure', insecure),
      ...entry(['targets', target, 'proxyProtocol'], '--proxy-protocol', proxyProtocol),
    ]),
    ...entry(['origins'], '--origin', flags.origin),
    ...entry(['trustedProxies'], '--trust-proxy', flags.trustProxy),
    ...entry(['limits', 'connections'], '--max-connections', flags.maxConnections),
    ...entry(['limits', 'connectionsPerAddress'], '--max-connections-per-address', flags.maxConnectionsPerAddress),
    // Text, as a file would have it: milliseconds would be taken for seconds.
    ...entry(['heartbeat'], '--heartbeat', heartbeat === false ? 'none' : heartbeat && `${heartbeat}ms`),
    ...entry(['deflate'], '--deflate', flags.deflate),
    ...entry(['log', 'level'], '--log-level', flags.logLevel),
  ];
}

/** A port alone leaves the address to the file, or to the default. */
function parseListen(text: string): { host: string | undefined; port: number } {
  const [, host, port = ''] = /^(?:(\[[\da-fA-F:.]+\]|[^\s:/]*):)?(\d+)$/.exec(text) ?? [];
  if (port === '') throw new InvalidArgumentError('It is PORT, HOST:PORT, or :PORT for all addresses.');
  return { host: host === '' ? '::' : host?.replace(/^\[(.*)\]$/, '$1'), port: parsePort(port) };
}

function collectMap(
  text: string,
  before: readonly (readonly [string, string])[] | undefined,
): readonly (readonly [string, string])[] {
  const [, name, to] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || to === undefined) {
    throw new InvalidArgumentError('It is NAME=URL, such as stomp=tcp://localhost:61613.');
  }
  if (before?.some(([other]) => other === name))
    throw new InvalidArgumentError(`There are two that are called ${name}.`);
  return [...(before ?? []), [name, to]];
}
