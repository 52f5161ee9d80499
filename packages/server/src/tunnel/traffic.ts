import type { TunnelRequest } from './reply.ts';

// How much of a session may be on its way at a time, so that no client can have the server keep more.

/** How many requests may be on their way in, beside the one that is held. */
const MAX_UPLOADS = 4;
/** How many answers may wait for their client to take them. A client that works as it should has 3. */
const MAX_UNREAD = 8;

/** A request on its way in. */
export interface Upload {
  /** It takes a place, until it ends. Returns whether there is one. */
  begin(): boolean;
  /** Called again it does nothing. */
  end(): void;
}

/** The requests and answers of one session. */
export class Traffic {
  readonly #uploads = new Set<Upload>();
  readonly #unread = new Set<TunnelRequest>();

  upload(): Upload {
    const upload: Upload = {
      begin: () => {
        if (this.#uploads.size >= MAX_UPLOADS) return false;
        this.#uploads.add(upload);
        return true;
      },
      end: () => void this.#uploads.delete(upload),
    };
    return upload;
  }

  /** The answer is complete. What waits for longest is of least interest: the client has asked for something else since. */
  answered(request: TunnelRequest): void {
    this.#unread.add(request);
    const [oldest] = this.#unread;
    if (this.#unread.size <= MAX_UNREAD || oldest === undefined) return;
    this.#unread.delete(oldest);
    oldest.cut();
  }

  /** The answer has left, or never will. */
  taken(request: TunnelRequest): void {
    this.#unread.delete(request);
  }
}
