import type { Platform } from '@tidewire/protocol';
import type { TunnelOutcome } from './states.ts';

/** What a client's session needs of the place where it runs. */
export type TunnelClientPlatform = Pick<Platform, 'now' | 'randomFill'>;

/**
 * Who has a session: what carries its requests, and what reads its bytes. `Connection` of the protocol has methods of the
 * first four names. Nothing here may throw; everything may call the session.
 */
export interface TunnelOwner {
  /** Bytes of the stream, in order. They are not to be kept: they may be a view of a body. */
  receive(bytes: Uint8Array): void;
  /** The other side's stream has ended. */
  ended(): void;
  /** It is over. Called once, last, from `tick`. */
  gone(outcome: TunnelOutcome): void;
  /** Everything that was written has been sent, after some of it had to wait. */
  drained(): void;
  /** Bytes that were written have to wait, after none had to. */
  backedUp?(): void;
  /** See `Pipe` of the protocol. */
  requestFlush(): void;
  /**
   * Call `tick` when the platform's clock says `at`; what was asked for before is forgotten. `Infinity`: never. A time that
   * has passed: as soon as what is being done is done.
   */
  schedule(at: number): void;
}
