/**
 * What carries the bytes of a connection: a TCP or TLS socket, a stream of HTTP/2, a tunnel, memory. The engine writes
 * to it; whoever owns it calls `receive`, `ended`, `gone` and `drained` of the connection.
 */
export interface Pipe {
  /** Takes bytes to send, in order. They belong to the pipe from here on. */
  write(bytes: Uint8Array): void;

  /** The same for several pieces that belong together, so that they can leave in one go. The array is the pipe's, too. */
  writeAll(pieces: Uint8Array[]): void;

  /** Bytes taken by `write` that have not left the process yet. */
  readonly bufferedAmount: number;

  /**
   * The connection has output and was not called by `receive`, which hands over its output by itself. The pipe calls
   * `connection.flush()` before the process waits for anything again; that everything sent in one turn goes out in one
   * write depends on its not doing so at once.
   */
  requestFlush(): void;

  /**
   * Whether bytes are wanted, which they are until it says otherwise. What still comes is kept in memory, so a pipe that
   * can stop reading should do so.
   */
  hold?(isHeld: boolean): void;

  /** Ends this side's direction after all that was written; the peer's direction stays open. */
  end(): void;

  /** Drops both directions at once. */
  destroy(): void;
}
