import { Duplex } from 'node:stream';
import type { Inspector, Opening, OpeningResponse } from './inspector.ts';

// The same for a server's own connections, which nobody proxies: something stands between the client's socket and the endpoint.

type Written = (error?: Error | null) => void;

/** One end of a stream in memory. What is written to it is read at the other end; each direction ends by itself. */
class End extends Duplex {
  #other: End | undefined;
  /** What the other end has written and this one has not taken yet. */
  #resume: (() => void) | undefined;

  static pair(): readonly [End, End] {
    const [one, other] = [new End(), new End()];
    one.#other = other;
    other.#other = one;
    return [one, other];
  }

  override _read(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, written: Written): void {
    this.#give(chunk, written);
  }

  override _final(ended: Written): void {
    this.#give(null, ended);
  }

  /** Whoever drops one end drops the other. */
  override _destroy(error: Error | null, destroyed: Written): void {
    const other = this.#other;
    this.#other = undefined;
    if (other !== undefined && !other.destroyed) process.nextTick(() => other.destroy());
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
    destroyed(error);
  }

  /** Not in the same turn: who answers at once must not be heard before it is clear what it has answered. */
  #give(chunk: Uint8Array | null, done: () => void): void {
    const other = this.#other;
    if (other === undefined) done();
    else process.nextTick(() => other.#take(chunk, done));
  }

  #take(chunk: Uint8Array | null, done: () => void): void {
    if (this.destroyed || this.push(chunk) || chunk === null) done();
    else this.#resume = done;
  }
}

/** What a server knows of a WebSocket when it has answered its handshake. */
export interface TapOpening extends Opening {
  readonly response: OpeningResponse;
}

/**
 * Stands between a client's socket, behind the opening handshake, and whoever serves it: give the stream that is returned to that
 * in place of the socket. What goes over it is recorded, and rules and people can change it. While nothing is recorded it returns
 * `stream` itself.
 *
 * The stream that is returned has what a socket has for reading and writing only: what concerns TCP, such as `setNoDelay`, is set at
 * the socket. From here on nobody else may read from that, or write to it.
 * @param stream the socket of the client, from which nothing may have been read that is not in `head`
 * @param head what had been read behind the request
 */
export function tapStream(inspector: Inspector, stream: Duplex, opening: TapOpening, head?: Uint8Array): Duplex {
  const { response, ...asked } = opening;
  const record = inspector.asked(asked);
  if (record === undefined) return stream;
  const [near, far] = End.pair();
  inspector.opened(record, response, { client: stream, server: far, fromClient: head });
  return near;
}
