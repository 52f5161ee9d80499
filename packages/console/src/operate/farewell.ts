import type { Whom } from '../operate-messages.ts';
import type { Ask, Outcome } from './ask.ts';

// Ending a connection: with which code, which says whether the client comes back.

export const farewells = [
  { code: 3503, reason: 'force disconnect', title: 'and stays away (3503)' },
  { code: 3011, reason: 'force reconnect', title: 'and comes back (3011)' },
] as const;

/** The codes that an application may choose. */
export const ownCodes = { least: 4000, most: 4999 } as const;

/** Bytes of UTF-8: a Close frame has no room for more. */
const LONGEST_REASON = 100;

/** What is wrong with a code and its reason; `undefined` if nothing is. */
export function faultOf(code: number, reason: string): string | undefined {
  const isKnown = farewells.some((farewell) => farewell.code === code);
  if (!isKnown && !(Number.isInteger(code) && code >= ownCodes.least && code <= ownCodes.most)) {
    return `A code of your own is a whole number from ${ownCodes.least} to ${ownCodes.most}.`;
  }
  if (new TextEncoder().encode(reason).length > LONGEST_REASON) return `A reason has ${LONGEST_REASON} bytes at most.`;
  return undefined;
}

/** @returns what has happened, in a sentence */
export async function sendAway(ask: Ask, whom: Whom, code: number, reason: string): Promise<Outcome<string>> {
  const outcome = await ask('disconnect', { ...whom, code, reason });
  if (!outcome.ok) return outcome;
  if (outcome.value.isFound === false) return { ok: true, value: 'It was gone already.' };
  return { ok: true, value: 'user' in whom ? 'All connections of the user are told to go.' : 'It is disconnected.' };
}

export async function takeOut(ask: Ask, whom: Whom, channel: string): Promise<Outcome<string>> {
  const outcome = await ask('unsubscribe', { ...whom, channel });
  if (!outcome.ok) return outcome;
  return {
    ok: true,
    value: outcome.value.isFound === false ? 'It was gone already.' : `It is not in ${channel} any more.`,
  };
}
