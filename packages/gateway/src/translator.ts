// The seam between the two sides of a connection. Whatever is not a tunnel for bytes has a translator of its own.

/** What a translator has: the two sides. Both keep what has to wait, and stop who sends too fast, without its doing. */
export interface Sides {
  /** Sends a message to the client: a string as text, bytes as binary. Does nothing once the WebSocket closes. */
  toClient(message: string | Uint8Array): void;
  /** Sends bytes to the server; they must not change any more. Does nothing once this side has ended. */
  toServer(bytes: Uint8Array): void;
  /**
   * Closes the WebSocket, behind what was sent to the client; the server's side is ended when it is closed. Called again it does
   * nothing.
   * @param code as `Socket.close` of the server takes it
   * @param reason at most 123 bytes of UTF-8
   */
  close(code: number, reason: string): void;
  /**
   * Speaks TLS with the server from here on (STARTTLS), by the target's `startTls`. Resolves when the server's certificate is
   * verified; what was sent before has gone in the clear. Rejects if that fails; the WebSocket is then closed behind what is sent
   * to the client at once.
   */
  startTls(names?: TlsNames): Promise<void>;
}

/** What TLS is to be for. */
export interface TlsNames {
  /** The name that the certificate must be for, if the target names none. Default: the target's host. */
  readonly servername?: string | undefined;
  /** By ALPN (RFC 7301). Default: none is named. */
  readonly protocol?: string | undefined;
}

/** Who is connected, as a translator may want to know. */
export interface ConnectionInfo {
  /** What was agreed on, or the empty string. */
  readonly subprotocol: string;
  /** The target's. */
  readonly name: string;
  readonly host: string;
  readonly messages: 'auto' | 'text' | 'binary';
  /** The client's IP address; `undefined` on a Unix socket. */
  readonly clientAddress: string | undefined;
  /** Whether TLS is spoken to the server from the first byte on; by the translator's doing, where its kind `beginsTls`. */
  readonly isEncrypted: boolean;
  readonly encryption: 'offered' | 'required' | 'none';
  /** Bytes. */
  readonly maxMessageSize: number;
  readonly maxStanzaSize: number;
}

/**
 * Translates between the messages of one WebSocket and the bytes of one TCP connection. It is made when both are open, and all of
 * it is called by turns, never from within what it calls. What throws closes the WebSocket with 1011.
 */
export interface Translator {
  /** A message came: text as a string, binary as bytes that are the translator's own. */
  fromClient(message: string | Uint8Array): void;
  /** Bytes came, in whatever pieces; they are the translator's own. */
  fromServer(bytes: Uint8Array): void;
  /** The server has ended its side, behind all its bytes. To be answered with `close`. */
  serverEnded(): void;
  /** The WebSocket is gone: what has to be said to the server before its side is ended can be said now. Default: nothing. */
  clientGone?(): void;
}
