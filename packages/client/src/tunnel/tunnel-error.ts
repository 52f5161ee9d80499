import type { TunnelOutcome } from '@tidewire/tunnel';

/** Why a tunnel ended that was not ended in order. */
export class TunnelError extends Error {
  override readonly name = 'TunnelError';
  readonly code: TunnelOutcome;

  constructor(code: TunnelOutcome) {
    super(`The tunnel has ended: ${code}`);
    this.code = code;
  }
}
