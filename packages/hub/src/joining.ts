import type { StoredPublication, StreamPosition } from './publication.ts';

// A client on its way into a channel.

/** What the client is told of its place in the stream. */
export interface Place {
  /** Where the channel is; `undefined` without history. */
  readonly position: StreamPosition | undefined;
  readonly missed: readonly StoredPublication[];
  readonly recovery: 'none' | 'recovered' | 'failed';
}

export class Joining {
  /** Where the client has been. */
  readonly position: StreamPosition | undefined;
  /** Whether the channel has read on because the client has seen more than this node. */
  hasReadOn = false;
  #isOver = false;
  readonly #begun: (place: Place) => void;
  readonly #failed: (error: unknown) => void;

  /** @param begun called in the turn in which the client joins; it adds the client to the audience */
  constructor(position: StreamPosition | undefined, begun: (place: Place) => void, failed: (error: unknown) => void) {
    this.position = position;
    this.#begun = begun;
    this.#failed = failed;
  }

  /** Whether it has begun, failed, or been given up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  begin(place: Place): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#begun(place);
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failed(error);
  }

  /** The client does not want it any more. */
  cancel(): void {
    this.#isOver = true;
  }
}
