import { randomBytes } from 'node:crypto';
import { apiCode } from './failures.ts';
import type { Link } from './link.ts';

// Writing a record only if it is as it was read. A server that stands alone holds to the sequence that is expected. In a cluster,
// nats-server before 2.10.23 checks it when a message comes, not when it is stored, unless nothing is to be there; two at the
// same time would both be taken. So all that would follow the same version have the same message id as well, of which the
// first is stored and no other.

export const WRONG_LAST_SEQUENCE = 10071;

export type Outcome =
  | { readonly is: 'written'; readonly sequence: number }
  | { readonly is: 'refused' }
  /** An answer was lost, and somebody has written meanwhile, perhaps this node. */
  | { readonly is: 'unknown' };

/**
 * @param last the sequence of the version that was read; 0 if there is none
 * @param within milliseconds
 */
export async function compareAndSet(
  link: Link,
  subject: string,
  payload: Uint8Array,
  last: number,
  within?: number,
): Promise<Outcome> {
  const msgID = last === 0 ? randomBytes(12).toString('base64url') : `${subject}@${last}`;
  return link.retried(async (timeout, attempt): Promise<Outcome> => {
    try {
      const ack = await link.js.publish(subject, payload, { msgID, expect: { lastSubjectSequence: last }, timeout });
      if (!ack.duplicate || last === 0) return { is: 'written', sequence: ack.seq };
    } catch (error) {
      if (apiCode(error) !== WRONG_LAST_SEQUENCE) throw error;
    }
    return { is: attempt === 1 || last === 0 ? 'refused' : 'unknown' };
  }, within);
}
