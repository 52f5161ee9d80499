export type { Target } from './target.ts';
