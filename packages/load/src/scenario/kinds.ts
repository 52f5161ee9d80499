import { z } from 'zod';

// What the values of a scenario look like. Each says what would be right in its own error; its `kind` names it in the reference.

/** What is known of a key beside what zod knows; it stands in the JSON Schema, too. */
interface KeyNotes {
  /** What the reference calls the values. */
  readonly kind?: string;
  /** Whether the value is never shown. */
  readonly secret?: boolean;
}

export function notes({ kind, secret }: KeyNotes): Record<string, unknown> {
  return { ...(kind !== undefined && { 'x-kind': kind }), ...(secret === true && { 'x-secret': true }) };
}

const units: Readonly<Record<string, number>> = { ms: 1, '': 1000, s: 1000, m: 60_000, h: 3_600_000 };

/** A day, in milliseconds: longer than any load test that a person waits for. */
const LONGEST = 86_400_000;

/** Milliseconds; `NaN` for what is no time. */
export function parseTime(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|)$/.exec(text.trim()) ?? [];
  return digits === '' ? Number.NaN : Number(digits) * (units[unit] ?? Number.NaN);
}

/** Milliseconds, from text such as 30s; a number alone is seconds. */
export function time({ from = 0 }: { readonly from?: number } = {}) {
  const right = `must be a time such as 500ms, 30s or 2m${from > 0 ? ', longer than nothing' : ''}, 24h at most`;
  return z
    .union([z.string(), z.number()], { error: right })
    .transform((value, context) => {
      const milliseconds = parseTime(String(value));
      if (milliseconds >= from && milliseconds <= LONGEST) return milliseconds;
      context.issues.push({ code: 'custom', input: value, message: right });
      return z.NEVER;
    })
    .meta(notes({ kind: 'time' }));
}

export function count(from: number, to: number) {
  const error = `must be a whole number from ${from} to ${to}`;
  return z
    .int({ error })
    .min(from, { error })
    .max(to, { error })
    .meta(notes({ kind: 'number' }));
}

/** A number that need not be whole, above nothing. */
export function rate(to: number) {
  const error = `must be a number above 0, and ${to} at most`;
  return z
    .number({ error })
    .positive({ error })
    .max(to, { error })
    .meta(notes({ kind: 'number' }));
}

/** A part of all, from 0 to 1, written as 10% or as 0.1. */
export function share() {
  const error = 'must be a share such as 10% or 0.1, from 0% to 100%';
  return z
    .union([z.string(), z.number()], { error })
    .transform((value, context) => {
      const [, digits, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(String(value).trim()) ?? [];
      const part = Number(digits ?? Number.NaN) / (percent === '%' ? 100 : 1);
      if (part >= 0 && part <= 1) return part;
      context.issues.push({ code: 'custom', input: value, message: error });
      return z.NEVER;
    })
    .meta(notes({ kind: 'share' }));
}

export function flag() {
  return z.boolean({ error: 'must be true or false' }).meta(notes({ kind: 'true or false' }));
}

/** Text that is not empty. */
export function text(what = 'text') {
  return z
    .string({ error: `must be ${what}` })
    .refine((value) => value.trim() !== '', { error: 'must not be empty' })
    .meta(notes({ kind: 'text' }));
}

export function secret() {
  return text().meta(notes({ kind: 'text', secret: true }));
}

export function choice<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, { error: `must be ${or(values)}` }).meta(notes({ kind: or(values) }));
}

/** Keys that belong together. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  // Without an answer, zod says by itself which keys are unknown.
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'invalid_type' ? 'must be keys with values' : undefined),
  });
}

export function or(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
