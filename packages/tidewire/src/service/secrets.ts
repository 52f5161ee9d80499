import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

// Secrets are compared by their MACs under a key that is made for this process: these have the same length whatever came in,
// and how long it takes to compare them tells nothing of where they differ.

const key = randomBytes(32);

export function digestOf(secret: string): Buffer {
  return createHmac('sha256', key).update(secret).digest();
}

export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(expected));
}
