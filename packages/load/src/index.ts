export type { Times } from './outcome.ts';
