import type { HubObserver } from '@tidewire/hub';

/** Milliseconds for which an engine may be interrupted before no new clients should be sent to this node. */
const PATIENCE = 10_000;

/** Says whether a hub's engine has been interrupted for too long. */
export class EngineWatch implements HubObserver {
  readonly #patience: number;
  #interruption: { readonly since: number; readonly reason: string } | undefined;

  /** @param patience milliseconds. Default 10,000 */
  constructor(patience = PATIENCE) {
    this.#patience = patience;
  }

  engineInterrupted(reason: string): void {
    this.#interruption ??= { since: performance.now(), reason };
  }

  engineResumed(): void {
    this.#interruption = undefined;
  }

  /** Why the node is not ready; `undefined` if it is. */
  trouble(): string | undefined {
    if (this.#interruption === undefined) return undefined;
    const { since, reason } = this.#interruption;
    const lasting = performance.now() - since;
    if (lasting < this.#patience) return undefined;
    return `the engine has been interrupted for ${Math.floor(lasting / 1000)} s: ${reason}`;
  }
}
