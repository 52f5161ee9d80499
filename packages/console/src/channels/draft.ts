import type { Ask, Outcome } from '../operate/ask.ts';

// What somebody writes to publish it.

export type Draft =
  | { readonly isGood: true; readonly value: unknown }
  | { readonly isGood: false; readonly fault: string };

/** What the text says, or what is wrong with it and where. */
export function draftOf(text: string): Draft {
  if (text.trim() === '') return { isGood: false, fault: 'Write some JSON, such as {"text": "Hello"}.' };
  try {
    return { isGood: true, value: JSON.parse(text) };
  } catch (error) {
    return { isGood: false, fault: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** @returns what has happened, in a sentence */
export async function publish(ask: Ask, channel: string, data: unknown): Promise<Outcome<string>> {
  const outcome = await ask('publish', { channel, data });
  if (!outcome.ok) return outcome;
  const { position } = outcome.value;
  if (position === undefined) return { ok: true, value: 'Published. The channel keeps no history.' };
  return { ok: true, value: `Published at ${position.offset} of the epoch ${position.epoch}.` };
}
