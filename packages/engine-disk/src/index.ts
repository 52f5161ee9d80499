export { DiskEngine, type DiskEngineOptions } from './disk-engine.ts';
export { type DiskStoreOptions, DiskStreamStore } from './disk-stream-store.ts';
