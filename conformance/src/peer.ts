// What the tester has to know about a peer under test beyond its bytes: so little that any implementation can be plugged in.

export interface Report {
  readonly code: number;
  readonly reason: string;
}

/** One connection of the peer, through the peer's own API. */
export interface Peer {
  /** Resolves with what the peer reports when the connection is over. */
  readonly closed: Promise<Report>;
  close(code: number, reason: string): void;
}

/** A running echo server. */
export interface ServerTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** The server's end of the connection that is opened next. */
  nextPeer(): Promise<Peer>;
}

/** Starts an echo client on `url`. `deflate`: whether it offers permessage-deflate. */
export type ConnectClient = (url: string, options: { readonly deflate: boolean }) => ClientPeer;

export interface ClientPeer extends Peer {
  /** Whether the opening handshake succeeded, as the client reports it. */
  readonly opened: Promise<boolean>;
}
