import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/** What answers a request: as much as is used of what node:http and node:http2 have alike. */
export interface Reply {
  statusCode: number;
  readonly headersSent: boolean;
  /** Whether all of it has left the process. */
  readonly writableFinished: boolean;
  setHeader(name: string, value: string): unknown;
  appendHeader(name: string, value: string): unknown;
  removeHeader(name: string): void;
  write(chunk: Uint8Array): boolean;
  end(chunk?: string | Uint8Array): unknown;
  destroy(): unknown;
  on(event: 'close' | 'error', listener: () => void): unknown;
}

/** A request of a tunnel, whatever the version of HTTP. */
export interface TunnelRequest {
  /** The request as one of HTTP/1.1 looks. */
  readonly incoming: IncomingMessage;
  /** What brings its body. */
  readonly body: Readable;
  readonly reply: Reply;
  /**
   * Drops the connection of the request, or its stream where that is all that it has. Destroying the reply is not enough:
   * one that waits behind another on its connection keeps what it has to say.
   */
  cut(): void;
  /** Whether nobody is there any more for the answer. */
  isGone(): boolean;
}
