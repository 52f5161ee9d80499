import { Lending } from './lending.ts';
import { type Limits, resolveLimits } from './limits.ts';
import { SharedBlock } from './output.ts';
import type { Platform } from './platform.ts';

/** RFC 6455, 5.1: who masks. */
export type Role = 'server' | 'client';

export interface ConnectionOptions {
  /** What this side is. */
  readonly role: Role;
  readonly platform: Platform;
  readonly limits?: Partial<Limits> | undefined;
  /**
   * Messages of fewer bytes are not compressed where permessage-deflate is in force: below this size the result is
   * hardly smaller. Default 1024.
   */
  readonly compressionThreshold?: number | undefined;
  /**
   * Whether the handler is lent a binary message of less than 64 KiB that is whole in the chunk being read, and was not
   * compressed: as a view of the chunk, with nothing copied, which is of use until the handler returns. `send` may be given
   * it. Default `false`: every message is the handler's own.
   */
  readonly lendBinary?: boolean | undefined;
}

/** How many random bytes are drawn at once. */
const RANDOM_POOL = 4096;

/**
 * What many connections have in common: one object per endpoint or client, not one per socket.
 * @throws RangeError if a limit or the threshold is not a number that makes sense
 */
export class ConnectionSettings {
  readonly role: Role;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly compressionThreshold: number;
  readonly lendsBinary: boolean;
  /** @internal Where the connections gather what they send, one at a time. */
  readonly sharedBlock: SharedBlock;
  /** @internal What the connections use in turn. */
  readonly lending: Lending;
  readonly #random = new Uint8Array(RANDOM_POOL);
  #randomUsed = RANDOM_POOL;

  constructor(options: ConnectionOptions) {
    const { role, platform, limits, compressionThreshold = 1024, lendBinary = false } = options;
    if (!(compressionThreshold >= 0)) {
      throw new RangeError(`compressionThreshold must be a number of bytes, not ${String(compressionThreshold)}`);
    }
    this.role = role;
    this.platform = platform;
    this.limits = resolveLimits(limits);
    this.sharedBlock = new SharedBlock(platform);
    this.compressionThreshold = compressionThreshold;
    this.lendsBinary = lendBinary;
    this.lending = new Lending(this);
  }

  /**
   * The masking key for the next frame, `undefined` on a server, which does not mask (5.1).
   * 5.3: the key "MUST be derived from a strong source of entropy" and be a fresh one for each frame.
   */
  nextMaskingKey(): number | undefined {
    if (this.role === 'server') return undefined;
    if (this.#randomUsed === RANDOM_POOL) {
      this.platform.randomFill(this.#random);
      this.#randomUsed = 0;
    }
    const at = this.#randomUsed;
    this.#randomUsed = at + 4;
    const [a = 0, b = 0, c = 0, d = 0] = this.#random.subarray(at, at + 4);
    return (a << 24) | (b << 16) | (c << 8) | d;
  }
}
