import type { Direction, MessageData } from '@tidewire/codecs';

// What is known of connections and of what went over them: the same for what is recorded live, kept in a file, shown on a page or
// sent again.

export type { Direction, MessageData } from '@tidewire/codecs';

/** In the order in which they were sent; a name may be there more than once. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** A connection, as it was opened and as it ended. */
export interface ConnectionRecord {
  /** From 1 on, in the order in which they were opened; unique in a recording. */
  readonly id: number;
  /** When its handshake began, in milliseconds since 1970, with fractions. */
  readonly openedAt: number;
  /** Where the client wanted to go: ws: or wss:, as the server is reached. */
  readonly url: string;
  /** Who carries it: what was proxied, the endpoint of a service, or a file. */
  readonly source: string;
  /** The client's address, if it is known. */
  readonly from?: string | undefined;
  readonly request: { readonly method: string; readonly httpVersion: string; readonly headers: HeaderPairs };
  /** What the server answered; `undefined` while it has not. */
  readonly response?: { readonly status: number; readonly headers: HeaderPairs } | undefined;
  /** The one agreed on, or the empty string. */
  readonly subprotocol: string;
  /** `Sec-WebSocket-Extensions` of the response, or the empty string. */
  readonly extensions: string;
  /** How it ended; `undefined` while it is there. */
  readonly end?: ConnectionEnd | undefined;
}

export interface ConnectionEnd {
  /** In milliseconds since 1970. */
  readonly at: number;
  /** Of the first Close frame; 1005 if it had none; 1006 if there was no Close frame (RFC 6455, 7.1.5). */
  readonly code: number;
  readonly reason: string;
  /** Whether both sides sent a Close frame. */
  readonly wasClean: boolean;
  /** Who ended it first: by a Close frame, or by leaving. `inspector` if a person or a rule did. */
  readonly by: 'client' | 'server' | 'inspector';
  /** What went wrong, in words. */
  readonly error?: string | undefined;
}

/** What became of a message on its way. */
export type Fate =
  /** It went on as it came. */
  | 'forwarded'
  /** It waits for a person. */
  | 'held'
  /** It waits for its time. */
  | 'delayed'
  /** It went on with other content, which `data` has; `original` has what came. */
  | 'edited'
  /** It did not go on. */
  | 'dropped'
  /** Nobody sent it: a person or a program put it in. */
  | 'injected';

/** A message, or a control frame: what was between its first byte and its last. */
export interface MessageRecord {
  /** From 1 on, without gaps, over all connections of a recording, in the order in which they were complete. */
  readonly seq: number;
  /** Its id. */
  readonly connection: number;
  /** When its last byte came, in milliseconds since 1970, with fractions. */
  readonly at: number;
  readonly direction: Direction;
  /** Of its first frame: 1 text, 2 binary, 8 Close, 9 Ping, 10 Pong (RFC 6455, 5.2). */
  readonly opcode: number;
  /** Its frames; 1 unless it was fragmented. */
  readonly frames: number;
  /** Whether its first frame had RSV1 set: it was compressed (RFC 7692). */
  readonly compressed: boolean;
  /** Whether its frames were masked. */
  readonly masked: boolean;
  /** Bytes of all its frames, headers included, as they came. */
  readonly wireLength: number;
  /** Bytes of its payload, uncompressed. */
  readonly length: number;
  /** Its payload, uncompressed: text of opcode 1, bytes of all others. Only the first bytes where `isCut`. */
  readonly data: MessageData;
  /** Whether `data` is only the beginning, because it was longer than what is kept of a message. */
  readonly isCut: boolean;
  readonly fate: Fate;
  /** What came, where something else went on. */
  readonly original?: MessageData | undefined;
  /** What was wrong with it, in words: text that is no UTF-8, data that cannot be inflated, a frame that breaks a rule. */
  readonly problem?: string | undefined;
}

/** Connections and messages that belong together. */
export interface Recording {
  readonly connections: readonly ConnectionRecord[];
  /** In the order of `seq`. */
  readonly messages: readonly MessageRecord[];
}
