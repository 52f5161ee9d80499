import type { Header } from '@tidewire/protocol';

// How a tunnel makes its requests: all that depends on where it runs.

/** A POST with the type text/plain. */
export interface Posting {
  readonly url: URL;
  readonly body: string | Uint8Array;
  /** Nobody waits for the answer: the request goes on when the page or the session is gone. */
  readonly isLast: boolean;
}

/** Is told what becomes of a request: `answered`, `received` as often as need be, and in the end one of the others. */
export interface PostListener {
  /** The head of the answer has come. */
  answered(status: number, headers: readonly Header[]): void;
  /** A part of the answer's body. */
  received(chunk: Uint8Array): void;
  /** The body has come to its end. */
  completed(): void;
  /** The request could not be made, or its answer broke off. */
  failed(error: unknown): void;
}

export interface Poster {
  /**
   * Makes a request, and returns what drops it. The listener is told nothing before this returns, nor after the request was
   * dropped.
   */
  post(posting: Posting, listener: PostListener): () => void;
  /** No more requests come. Those that are under way may end. */
  close(): void;
}
