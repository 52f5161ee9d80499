import { LocalEngine } from './local-engine.ts';
import { MemoryNetwork } from './memory-network.ts';

// The hub's default engine: one node, whose history is gone with the process.

export interface MemoryEngineOptions {
  /** Joins nodes of the same process, for tests of what many nodes do. Default: one of its own. */
  readonly network?: MemoryNetwork | undefined;
}

export class MemoryEngine extends LocalEngine {
  constructor({ network = new MemoryNetwork() }: MemoryEngineOptions = {}) {
    super('memory', network);
  }
}
