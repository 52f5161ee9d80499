// What a viewer asks of a codec: what a message means, in the words of its protocol.

/** What travels on a WebSocket as one message: text, or binary. */
export type MessageData = string | Uint8Array;

/** Which way a message goes. */
export type Direction = 'toServer' | 'toClient';

/** What JSON can say. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What a message of a protocol carries for the application. */
export type Body =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'json'; readonly value: JsonValue }
  | { readonly type: 'binary'; readonly bytes: Uint8Array };

/** One message of a protocol. */
export interface Decoded {
  /** What it is, as the protocol calls it: `EVENT`, `CONNACK`, `MESSAGE`, `subscribe`. */
  readonly kind: string;
  /** What it is about, if anything: a channel, topic, destination, event or method. */
  readonly about?: string | undefined;
  /** What pairs a request with its answer, if anything. */
  readonly id?: string | undefined;
  /** What else the protocol says, in its order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body?: Body | undefined;
  /** What is wrong with it, in words; the rest is then as far as it was understood. */
  readonly problem?: string | undefined;
}

/** Reads the messages of one connection. It may remember what the connection has said, such as the version of MQTT. */
export interface Decoder {
  /**
   * What the message says: one or more messages of the protocol, or `undefined` if it is none of that protocol. Never throws,
   * whatever comes. Best called once for each message and in order; out of order it does what it can.
   * @param isCut whether the data are only the beginning of the message: what is behind it does not go on in the next one.
   *   Default: no
   */
  decode(data: MessageData, direction: Direction, isCut?: boolean): readonly Decoded[] | undefined;
}

/** What is known of a connection when a decoder is chosen for it. */
export interface Conversation {
  /** The one agreed on, or the empty string. */
  readonly subprotocol: string;
  /** The path of the URL with its query. */
  readonly target: string;
  /** The first messages, oldest first: a few are enough. */
  readonly messages: readonly { readonly data: MessageData; readonly direction: Direction }[];
}

/** A protocol that can be decoded. */
export interface DecoderKind {
  /** Stable, for settings and files: `socket.io`. */
  readonly name: string;
  /** For people: `Socket.IO`. */
  readonly title: string;
  /** How sure it is that the conversation is in this protocol, from 0 to 1; 1 for a subprotocol that says so. */
  recognise(conversation: Conversation): number;
  create(): Decoder;
}
