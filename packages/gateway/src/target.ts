// Where a gateway goes for whom. Only what is listed here can be reached: no request names a host.

/** A TCP server behind the gateway, and how clients ask for it. */
export interface Target {
  /** For the log and the metrics: `stomp`. Unique. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** TLS to the server, with its name verified. Default `false`. */
  readonly tls?: boolean | { readonly ca?: string | undefined; readonly servername?: string | undefined } | undefined;
  /** Path of the URL that asks for it. Default: `/` and the name. */
  readonly path?: string | undefined;
  /** Subprotocols that it speaks, the preferred first, such as `v12.stomp`. Default: those known of its name, and `binary`. */
  readonly subprotocols?: readonly string[] | undefined;
}
