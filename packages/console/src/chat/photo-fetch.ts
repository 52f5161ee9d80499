import type { PublicationContext, StreamPosition, Subscription } from 'centrifuge';

// The photos that were published while nobody looked, or while there was no connection. They are large, so they come one by
// one, and only when somebody looks at the room.

/** The position is of another history: error 112 of the hub. */
const UNRECOVERABLE = 112;

type PhotoSource = Pick<Subscription, 'history'>;

export class PhotoFetch {
  readonly #source: PhotoSource;
  readonly #inLine: (task: () => Promise<void>) => void;
  readonly #take: (epoch: string, publication: PublicationContext) => void;
  /** Up to where all photos are there. */
  #position: StreamPosition | undefined;
  #isWanted = false;
  /** Whether there may be some after `#position`. */
  #isBehind = false;
  #isFetching = false;

  /** @param inLine does one thing after the other */
  constructor(
    source: PhotoSource,
    inLine: (task: () => Promise<void>) => void,
    take: (epoch: string, publication: PublicationContext) => void,
  ) {
    this.#source = source;
    this.#inLine = inLine;
    this.#take = take;
  }

  /** The subscription has begun, anew or again. */
  begin(): void {
    this.#isBehind = true;
    this.#fetch();
  }

  want(): void {
    this.#isWanted = true;
    this.#fetch();
  }

  /** One has come in by itself. */
  came(position: StreamPosition): void {
    if (!this.#isBehind) this.#position = position;
  }

  #fetch(): void {
    if (!this.#isWanted || !this.#isBehind || this.#isFetching) return;
    this.#isFetching = true;
    this.#inLine(async () => {
      try {
        while (await this.#next()) {
          // One more.
        }
        this.#isBehind = false;
      } catch {
        // The connection was lost: `begin` follows.
      } finally {
        this.#isFetching = false;
      }
    });
  }

  /** @returns whether there was one */
  async #next(): Promise<boolean> {
    const since = this.#position;
    const page = await this.#source
      .history({ limit: 1, ...(since !== undefined && { since }) })
      .catch((error: unknown) => {
        if (since === undefined || !isUnrecoverable(error)) throw error;
        this.#position = undefined;
        return undefined;
      });
    if (page === undefined) return true;
    const [photo] = page.publications;
    if (photo?.offset === undefined) return false;
    this.#position = { epoch: page.epoch, offset: photo.offset };
    this.#take(page.epoch, photo);
    return true;
  }
}

function isUnrecoverable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === UNRECOVERABLE;
}
