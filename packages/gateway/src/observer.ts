import type { IncomingMessage } from 'node:http';
import type { AccessRefusal } from './access.ts';
import type { BridgeEnding } from './bridge.ts';
import type { ConnectError } from './connect.ts';

// What whoever watches a gateway is told: its metrics, and a log. Nothing that is said on a connection is among it, no query and
// no header but the Origin.

/** Why a gateway has refused a client, beside the rules of the handshake. */
export type GatewayRefusal =
  | 'NO_SUBPROTOCOL'
  | 'FOREIGN_ORIGIN'
  | 'TOO_MANY_CONNECTIONS'
  | 'TOO_MANY_OF_ADDRESS'
  | AccessRefusal
  | ConnectError['reason'];

/** A connection, as whoever watches knows it. */
export interface WatchedConnection {
  /** Unique; the server has it from the PROXY protocol. */
  readonly id: string;
  readonly target: string;
  readonly subprotocol: string;
  readonly clientAddress: string | undefined;
  readonly user: string | undefined;
  /** Bytes of its protocol that have gone to the server, and come from it. */
  readonly sentToServer: number;
  readonly receivedFromServer: number;
}

export interface Refused {
  /** `undefined` if it was for none. */
  readonly target: string | undefined;
  readonly clientAddress: string | undefined;
  readonly status: number;
  /** A `GatewayRefusal`, or the code of the rule of the handshake that was broken. */
  readonly reason: string;
  /** What the system said, or TLS: for the log, and not for the client. */
  readonly detail: string | undefined;
  readonly request: IncomingMessage;
}

/** Each is called in the turn in which it happens. None may throw. */
export interface GatewayObserver {
  /** A server was reached, or not. @param duration milliseconds, with TLS */
  connected?(target: string, duration: number, outcome: 'ok' | ConnectError['reason']): void;
  opened?(connection: WatchedConnection): void;
  /** Both sides are gone. */
  closed?(connection: WatchedConnection, ending: BridgeEnding): void;
  refused?(refused: Refused): void;
  /** A translator threw. */
  failed?(connection: WatchedConnection, error: unknown): void;
}
