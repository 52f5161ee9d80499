import { LocalEngine, MemoryNetwork } from '@tidewire/hub';
import { type DiskStoreOptions, DiskStreamStore } from './disk-stream-store.ts';

// One node whose streams outlive it.

export type DiskEngineOptions = DiskStoreOptions;

export class DiskEngine extends LocalEngine {
  /** The directory is opened by `start`, and given up by `stop`. */
  constructor(options: DiskEngineOptions) {
    super('disk', new MemoryNetwork({ store: new DiskStreamStore(options) }));
  }
}
