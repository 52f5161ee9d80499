import type {
  Client,
  ClientInfo,
  CommandError,
  ConnectResult,
  Encoder,
  Json,
  MemberCounts,
  SubscribeResult,
} from '@tidewire/hub';
import type {
  ChannelCommand,
  ClientCommand,
  ConnectCommand,
  HistoryCommand,
  PingCommand,
  PublishCommand,
  Reading,
  RefreshCommand,
  RefreshSubscriptionCommand,
  RpcCommand,
  SubscribeCommand,
} from './command.ts';

/** What a client must know of its connection beside what the hub says. */
export interface Terms {
  /** Seconds from a ping of the server to the next; 0 if there are none. */
  readonly ping: number;
  /** What names the session to any node that takes its commands by HTTP requests, and the node that has it. */
  readonly session?: { readonly id: string; readonly node: string } | undefined;
}

export type HistoryResult = Awaited<ReturnType<Client['history']>>;

/** What is said in answer to a command, in one message or several. */
export type Answer = string | readonly string[];

/** How commands are read in a dialect, and how answers are put into words: all that makes it different from another. */
export interface Dialect {
  readonly encoder: Encoder;
  /** What is sent to see whether the client is there. */
  readonly ping: string;
  /** Whether a client that makes a mistake is told so. Otherwise its connection ends. */
  readonly forgives: boolean;
  /** Never throws. */
  read(message: string, maxCommands: number): Reading;

  connected(command: ConnectCommand, result: ConnectResult, terms: Terms): Answer;
  subscribed(command: SubscribeCommand, result: SubscribeResult): Answer;
  unsubscribed(command: ChannelCommand): string;
  published(command: PublishCommand): string;
  presence(command: ChannelCommand, members: readonly ClientInfo[]): string;
  presenceStats(command: ChannelCommand, counts: MemberCounts): string;
  history(command: HistoryCommand, result: HistoryResult): string;
  called(command: RpcCommand, data: Json | undefined): string;
  refreshed(command: RefreshCommand | RefreshSubscriptionCommand, ttl: number | undefined): string;
  pong(command: PingCommand): string;
  /** `undefined` if nobody waits for an answer. */
  failed(command: ConnectCommand | ClientCommand, error: CommandError): string | undefined;
}
