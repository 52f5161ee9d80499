export { centrifugeJson } from './centrifuge-json/dialect.ts';
export type { Dialect, Terms } from './dialect.ts';
export type { SessionOptions } from './options.ts';
