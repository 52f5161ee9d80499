import type { Activity, Target } from '../scenario/schema.ts';

// What a protocol does on one connection of a load test. It has no timers and no sockets: it is told what has come, and writes.

/** What a dialogue says of itself. */
export interface DialogueListener {
  /** Messages can be sent. Called once. */
  ready(): void;
  /** A message of the application has come: its text, in which the stamps are. */
  message(text: string): void;
  /** A subscription has begun, or was refused. */
  subscribed(channel: string, refusal?: string): void;
  /** The request with this id has been answered, or refused. */
  answered(id: number, refusal: string | undefined): void;
  /** The server said that something went wrong: what, in few words that do not differ from connection to connection. */
  failed(kind: string): void;
}

/** Writes a message to the WebSocket. */
export type Write = (data: string | Uint8Array) => void;

export interface Dialogue {
  /** The WebSocket is open. */
  begin(): void;
  received(data: string | Uint8Array): void;
  /** Asks for the messages of a channel. @param by what subscribes, where the protocol does not say it */
  subscribe(channel: string, by: string | undefined): void;
  /** Sends what is to come back, or to go to a channel. */
  send(body: string | Uint8Array, channel: string): void;
  /** Sends what is to be answered under this id. */
  request(body: string | Uint8Array, id: number): void;
}

/** What a dialogue is made with. */
export interface DialogueContext {
  readonly target: Target;
  readonly write: Write;
  readonly listener: DialogueListener;
  /** The number of the connection, from 1 on. */
  readonly connection: number;
}

/** A protocol that load can be made in. */
export interface DialogueKind {
  /** What it can do. */
  readonly activities: readonly Activity[];
  /** Whether what a connection is to get back goes through a channel that only it has. */
  readonly echoesByChannel: boolean;
  /** Whether who publishes to a channel has to be subscribed to it. */
  readonly publishersSubscribe: boolean;
  /** The name of a channel where the scenario has none; {{channel}} is its number. */
  readonly channel: string;
  /** Where to connect to, made of the URL of the scenario. */
  addressOf(url: string, target: Target): string;
  readonly subprotocols: readonly string[];
  /** Headers that say who the connection is with. */
  headersOf(target: Target): Readonly<Record<string, string>>;
  create(context: DialogueContext): Dialogue;
}

/** The text of a message, whatever its kind: stamps are ASCII. */
export function asText(data: string | Uint8Array): string {
  return typeof data === 'string'
    ? data
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
}
