import { memory } from './memory.ts';

// Who this browser is in the chat: the service says so by a token, which is kept for the next time.

export interface Admitted {
  readonly token: string;
  readonly user: string;
  readonly name: string;
  /** The longest text in characters, and the largest image in bytes. */
  readonly limits: { readonly text: number; readonly image: number };
}

/** The service does not let this guest in, and would not do so a moment later. */
export class Refused extends Error {}

/**
 * Gets a token under this name. Whoever was here before stays the same guest.
 * Rejects with a `Refused`, or with something else if another attempt may succeed.
 */
export async function admit(name: string): Promise<Admitted> {
  const former = memory.guest;
  const response = await fetch('/chat/guest', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, token: former?.token }),
    cache: 'no-store',
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw refusal(response.status, answer);
  const admitted = readAdmitted(answer);
  if (admitted === undefined) throw new Error('The service has answered something else');
  const users = new Set([admitted.user, ...(former?.users ?? [])]);
  memory.guest = { token: admitted.token, users: [...users].slice(0, 8) };
  return admitted;
}

function refusal(status: number, answer: unknown): Error {
  const says = isObject(answer) && typeof answer.error === 'string' ? answer.error : `The service answered ${status}`;
  return status === 429 || status >= 500 ? new Error(says) : new Refused(says);
}

/** `undefined` if it is not what the service answers. */
export function readAdmitted(value: unknown): Admitted | undefined {
  if (!isObject(value) || !isObject(value.limits)) return undefined;
  const { token, user, name, limits } = value;
  const { text, image } = limits;
  if (typeof token !== 'string' || typeof user !== 'string' || typeof name !== 'string') return undefined;
  if (typeof text !== 'number' || typeof image !== 'number') return undefined;
  return { token, user, name, limits: { text, image } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
