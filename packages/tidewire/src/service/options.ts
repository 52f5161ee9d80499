import type { SessionOptions } from '@tidewire/dialects';
import type { Engine, HubLimits, NamespaceOptions, PermissionsOptions, WebhookOptions } from '@tidewire/hub';
import type { RecorderOptions } from '@tidewire/inspector';
import type { Tap, TimeoutOptions } from '@tidewire/server';
import type { Logger } from 'pino';
import type { ApiOptions } from './api/api.ts';
import type { MetricsOptions } from './metrics/exposition.ts';
import type { TlsFiles } from './tls.ts';

/** What holds for every endpoint of the service alike. Times are in milliseconds. */
export interface EndpointLimits extends Pick<TimeoutOptions, 'heartbeat' | 'idleTimeout'> {
  /** Connections of one endpoint; one more gets 503. Default 10,000. */
  readonly maxConnections?: number | undefined;
  /** Whether messages are compressed where the client offers it. Default `false`. */
  readonly deflate?: boolean | undefined;
  /** What sees the connections. Default: nothing. */
  readonly tap?: Tap | undefined;
}

export interface ServiceOptions extends EndpointLimits {
  /** Default `127.0.0.1`: only this machine. */
  readonly host?: string | undefined;
  /** 0 for one that the system chooses. Default 8080. */
  readonly port?: number | undefined;
  /** PEM. Default: no TLS. */
  readonly tls?: TlsFiles | undefined;
  /** `'echo'` leaves out the pages and the chat, and echoes on every path. Default: everything. */
  readonly only?: 'echo' | undefined;
  /**
   * Origins whose pages may connect. Those of the host that serves the pages may join the chat anyway, and everybody may
   * use the echo unless that is alone.
   */
  readonly origins?: readonly string[] | undefined;
  /** The largest message that the echo takes, in bytes. Default 16 MiB. */
  readonly maxMessage?: number | undefined;
  /** The largest image that the chat takes, in bytes. Default 256 KiB. */
  readonly maxImage?: number | undefined;
  /** Rooms of the chat that people have opened on this node, beside those that are always there. Default 20. */
  readonly maxRooms?: number | undefined;
  /** Messages that one member of the chat may send per second, on average. Default 10. */
  readonly rate?: number | undefined;
  /** The server API. Default: it has no keys, and is off. */
  readonly api?: ApiOptions | undefined;
  /** What Prometheus is told, at /metrics. `false`: nothing is counted, and nothing is there. Default: whoever gets there. */
  readonly metrics?: MetricsOptions | false | undefined;
  /** Whether there are the echo, the chat and the race, and their pages. Default `true`. */
  readonly playground?: boolean | undefined;
  /** The pages for who runs the service. `false`: they are not there. Default: for who has a key of the server API. */
  readonly console?: ConsoleSettings | false | undefined;
  /** Records what goes over the WebSockets of the hub and of the echo, for who may `inspect`. Default `false`: nobody looks. */
  readonly inspector?: InspectorSettings | false | undefined;
  /** The hub: who may do what in which channels. */
  readonly hub?: HubSettings | undefined;
  /** Default: nothing is logged. */
  readonly log?: Logger | undefined;
}

export interface ConsoleSettings {
  /**
   * Further host names by which the pages may be asked for, such as a proxy's. If there are some, or the service listens on a loopback
   * address, only names of this machine are good beside them: a page of anybody's could have its name lead here.
   */
  readonly hosts?: readonly string[] | undefined;
}

/** What is kept at most, and how it is shown. */
export interface InspectorSettings extends RecorderOptions {
  /** Whether connections are recorded from the beginning; otherwise from when somebody turns it on. Default `true`. */
  readonly record?: boolean | undefined;
  /** Whether what would let somebody in is masked. Default `true`. */
  readonly masks?: boolean | undefined;
}

export interface HubSettings {
  /** Default: one in memory, for this node alone. */
  readonly engine?: Engine | undefined;
  /** By name; `''` is the one of channels without a colon in their names. Default: none. */
  readonly namespaces?: Readonly<Record<string, NamespaceOptions>> | undefined;
  readonly limits?: Partial<HubLimits> | undefined;
  /** By tokens, and whether who has none may come in. */
  readonly permissions?: Omit<PermissionsOptions, 'hooks' | 'namespaces'> | undefined;
  /** Asks and tells an application that is somewhere else. */
  readonly webhooks?: WebhookOptions | undefined;
  /** How clients are held. */
  readonly clients?: Pick<SessionOptions, 'pingInterval' | 'pongTimeout' | 'maxMessageSize'> | undefined;
}

const MiB = 1024 * 1024;

export const defaults = {
  host: '127.0.0.1',
  port: 8080,
  maxMessage: 16 * MiB,
  maxConnections: 10_000,
  maxImage: MiB / 4,
  maxRooms: 20,
  rate: 10,
} as const;

/** The part of the options of an endpoint that all endpoints have in common. */
export function commonSettings(options: EndpointLimits) {
  const { heartbeat, idleTimeout, deflate, maxConnections = defaults.maxConnections, tap } = options;
  return { heartbeat, idleTimeout, deflate, maxConnections, tap };
}
