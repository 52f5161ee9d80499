import type { Client, ConnectRequest, ConnectResult, Disconnect, Outlet, OutletResult } from '@tidewire/hub';
import type { Deadlines } from '@tidewire/node';
import type { PreparedBatch } from '@tidewire/protocol';
import type { ConnectCommand } from './command.ts';
import type { Dialect, Terms } from './dialect.ts';
import type { SessionSettings } from './options.ts';

// What a session stands on.

/** What carries a session's words. Nothing here throws. */
export interface Line {
  /** For people and metrics. */
  readonly transport: string;
  readonly bufferedAmount: number;
  /** After `'buffered'` and `'refused'`, the session's `drained` is called once everything has left. */
  send(message: string): OutletResult | 'refused';
  sendBatch(batch: PreparedBatch, isAlone: boolean): OutletResult | 'refused';
  /** Ends the connection after what was sent. The session's `gone` is called later. */
  close(disconnect: Disconnect): void;
}

/** What sessions of one endpoint share. */
export interface SessionHost {
  readonly hub: {
    connect(
      outlet: Outlet,
      request: ConnectRequest,
      begun: (client: Client, result: ConnectResult) => void,
    ): Promise<void>;
    takePlace(address: string | undefined): (() => void) | undefined;
  };
  readonly dialect: Dialect;
  readonly settings: SessionSettings;
  readonly deadlines: Deadlines;
}

/** What is known of a client before it has said anything. */
export interface Origination {
  readonly remoteAddress: string | undefined;
  readonly headers: ConnectRequest['headers'];
  /** What names the session to other nodes, if its commands may come to them. */
  readonly session?: Terms['session'];
  /** How to connect a client that does not do it itself before anything else. By default that is wrong. */
  readonly connect?: ConnectCommand | undefined;
  /** Whether to do so without waiting for its first command. */
  readonly connectsAtOnce?: boolean | undefined;
}
