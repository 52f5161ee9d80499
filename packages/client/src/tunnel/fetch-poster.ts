import type { Poster, Posting, PostListener } from './poster.ts';

// The requests of a tunnel by `fetch`, which browsers, Node, Bun and Deno have alike.

/** What `fetch` is asked for. */
export interface FetchInit {
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly cache: 'no-store';
  readonly credentials: 'include';
  readonly redirect: 'error';
  readonly keepalive: boolean;
  readonly signal: AbortSignal;
}

/** What is used of `fetch`. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;

export class FetchPoster implements Poster {
  readonly #fetch: Fetch;

  constructor(fetch: Fetch = (url, init) => globalThis.fetch(url, init)) {
    this.#fetch = fetch;
  }

  post(posting: Posting, listener: PostListener): () => void {
    const controller = new AbortController();
    this.#make(posting, listener, controller.signal).catch((error: unknown) => {
      if (!controller.signal.aborted) listener.failed(error);
    });
    return () => controller.abort();
  }

  close(): void {}

  async #make({ url, body, isLast }: Posting, listener: PostListener, signal: AbortSignal): Promise<void> {
    const response = await this.#fetch(url.href, {
      method: 'POST',
      // A type of its own would cost a page of another origin a preflight.
      headers: { 'Content-Type': 'text/plain' },
      body: typeof body === 'string' ? body : Uint8Array.from(body),
      cache: 'no-store',
      // A handshake carries cookies to any host, too.
      credentials: 'include',
      redirect: 'error',
      keepalive: isLast,
      signal,
    });
    if (signal.aborted) return;
    listener.answered(response.status, [...response.headers]);
    const reader = response.body?.getReader();
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (signal.aborted) return;
      if (done || value === undefined) break;
      listener.received(value);
      if (signal.aborted) return;
    }
    listener.completed();
  }
}
