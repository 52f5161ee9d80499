import { CloseCode } from './close-codes.ts';
import type { ConnectionError } from './errors.ts';

/** What a connection has that ends, or is about to. */
export class Ending {
  /** Nothing more is taken from the peer. */
  isDeaf = false;
  /** The peer's direction ended before what came from it was delivered. */
  hasEnded = false;
  /** Our direction ends when what is being compressed, and our Close frame behind it, has been written. */
  endsLater = false;
  /** What the peer's last frame is answered with, while the owner hands on the messages before it. */
  answer: (() => void) | undefined;
  code: number = CloseCode.ABNORMAL_CLOSURE;
  reason = '';
  error: ConnectionError | undefined;
}
