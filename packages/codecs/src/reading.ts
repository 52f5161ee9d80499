// What all codecs return of what a peer sent. Nothing that a peer sends throws.

/** What was read, or what is wrong with it in words. */
export type Reading<T> =
  | { readonly value: T; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: string };

/** All that was read before what is wrong, if anything is. */
export interface Readings<T> {
  readonly values: readonly T[];
  readonly problem?: string | undefined;
}

/** Packets of a message that are read. What is behind them is a problem: nobody means that many, and each costs more than its bytes. */
export const MAX_PACKETS = 10_000;
