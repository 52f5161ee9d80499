import { LocalEngine } from './local-engine.ts';
import { MemoryNetwork } from './memory-network.ts';
import { MemoryStreamStore } from './memory-stream-store.ts';

// The hub's default engine: one node, whose history is gone with the process.

export interface MemoryEngineOptions {
  /** Joins nodes of the same process, for tests of what many nodes do. Default: one of its own. */
  readonly network?: MemoryNetwork | undefined;
  /** As of a `MemoryStreamStore`, for a network of its own. Default 256 MiB. */
  readonly maxHistoryBytes?: number | undefined;
}

export class MemoryEngine extends LocalEngine {
  /** @throws RangeError if `maxHistoryBytes` makes no sense */
  constructor({ network, maxHistoryBytes }: MemoryEngineOptions = {}) {
    super('memory', network ?? new MemoryNetwork({ store: new MemoryStreamStore({ maxHistoryBytes }) }));
  }
}
