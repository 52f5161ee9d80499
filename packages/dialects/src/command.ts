import type { CommandError, HistoryRequest, StreamPosition, SubscribeRequest } from '@tidewire/hub';

// What clients ask for, whichever dialect they say it in.

interface Common {
  /** What the client knows the answer by, as JSON; `undefined` if it wants none. */
  readonly id: string | undefined;
}

export interface ConnectCommand extends Common {
  readonly type: 'connect';
  readonly token: string | undefined;
  readonly data: string | undefined;
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly positions: ReadonlyMap<string, StreamPosition>;
}

export interface SubscribeCommand extends Common {
  readonly type: 'subscribe';
  readonly channel: string;
  readonly request: SubscribeRequest;
  /** Whether the client does not want to be subscribed if what it has missed cannot be given in full. */
  readonly rejectsUnrecovered: boolean;
}

/** Commands that need nothing but a channel. */
export interface ChannelCommand extends Common {
  readonly type: 'unsubscribe' | 'presence' | 'presenceStats';
  readonly channel: string;
}

export interface PublishCommand extends Common {
  readonly type: 'publish';
  readonly channel: string;
  readonly data: string;
}

export interface HistoryCommand extends Common {
  readonly type: 'history';
  readonly channel: string;
  readonly request: HistoryRequest;
}

export interface RpcCommand extends Common {
  readonly type: 'rpc';
  readonly method: string;
  readonly data: string | undefined;
}

export interface SendCommand extends Common {
  readonly type: 'send';
  readonly data: string;
}

export interface RefreshCommand extends Common {
  readonly type: 'refresh';
  readonly token: string;
}

export interface RefreshSubscriptionCommand extends Common {
  readonly type: 'refreshSubscription';
  readonly channel: string;
  readonly token: string;
}

/** A client asks whether somebody is there. */
export interface PingCommand extends Common {
  readonly type: 'ping';
}

/** Something that is understood, and not done. */
export interface RefusedCommand extends Common {
  readonly type: 'refused';
  readonly error: CommandError;
}

/** What a client that is connected may say. */
export type ClientCommand =
  | SubscribeCommand
  | ChannelCommand
  | PublishCommand
  | HistoryCommand
  | RpcCommand
  | SendCommand
  | RefreshCommand
  | RefreshSubscriptionCommand
  | PingCommand
  | RefusedCommand;

/** `pong` answers a ping of the server. */
export type Command = ConnectCommand | ClientCommand | { readonly type: 'pong' };

/** What a message has said. */
export interface Reading {
  readonly commands: readonly Command[];
  /** What was wrong behind these commands, so that nothing that follows can be read: the connection ends. */
  readonly problem: string | undefined;
}
