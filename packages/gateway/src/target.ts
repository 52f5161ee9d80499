import type { TargetType } from './kinds.ts';

// Where a gateway goes for whom. Only what is listed here can be reached: no request names a host.

/** How the gateway speaks TLS to a server. */
export interface TargetTls {
  /** Certificates of the authorities that are trusted in place of the system's, in PEM. */
  readonly ca?: string | Uint8Array | undefined;
  /**
   * The name that the certificate must be for, and that is asked for (SNI). Default: the host; of XMPP, the domain that the client
   * asks for.
   */
  readonly servername?: string | undefined;
  /** What the gateway shows of itself, in PEM; both or none. */
  readonly cert?: string | Uint8Array | undefined;
  readonly key?: string | Uint8Array | undefined;
  /** Takes any certificate, so that anybody on the way can read along. Default `false`. */
  readonly insecure?: boolean | undefined;
}

/** A TCP server behind the gateway, and how clients ask for it. */
export interface Target {
  /** For the log and the metrics: `stomp`. Unique. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** What is spoken behind it. Default `'stream'`: bytes, of whatever protocol. `'xmpp'`: RFC 7395 for clients, RFC 6120 behind. */
  readonly type?: TargetType | undefined;
  /** TLS to the server from the first byte on, with its name verified. Default `false`. */
  readonly tls?: boolean | TargetTls | undefined;
  /** The same for TLS that is begun later, by types that do so. Default: what `tls` says. */
  readonly startTls?: TargetTls | undefined;
  /**
   * Of XMPP without `tls`: whether the gateway begins TLS with the server. `'offered'`: where the server offers it; `'required'`: and
   * clients get an error where it does not; `'none'`: never. Default `'offered'`.
   */
  readonly encryption?: 'offered' | 'required' | 'none' | undefined;
  /** Path of the URL that asks for it. Default: `/` and the name. */
  readonly path?: string | undefined;
  /**
   * Subprotocols that it speaks, the preferred first, such as `v12.stomp`. Default: those known of its name (`stomp`, `amqp`,
   * `mqtt`), otherwise `binary` and `base64`. Who asks for none gets it if `binary` is among them.
   */
  readonly subprotocols?: readonly string[] | undefined;
  /**
   * How what the server sends goes to clients: `'binary'`; `'text'`, which the server's bytes must be then, as UTF-8; or
   * `'auto'`: text to a client whose first message is text. Default `'auto'`.
   */
  readonly messages?: 'auto' | 'text' | 'binary' | undefined;
  /** Bytes of a client's message; a longer one closes with 1009. Of XMPP also of a server's element. Default 16 MiB. */
  readonly maxMessageSize?: number | undefined;
  /** Of XMPP: bytes of a client's element. A longer one closes with a stream error, `policy-violation`. Default 256 KiB. */
  readonly maxStanzaSize?: number | undefined;
  /** Milliseconds for TCP and TLS together; later the client gets 504. Default 5000. */
  readonly connectTimeout?: number | undefined;
  /** Closes with 1001 where no byte has gone either way for so long, in milliseconds. Default an hour; `false`: never. */
  readonly idleTimeout?: number | false | undefined;
  /** Tells the server the client's address, by the PROXY protocol, version 2. The server must expect it. Default `false`. */
  readonly proxyProtocol?: boolean | undefined;
}
