import { z } from 'zod';

// What the values of the configuration look like. Each says what would be right in its own error, and its `kind` names it in
// the reference and in the example.

/** What is known of a key beside what zod knows; it stands in the JSON Schema, too. */
interface KeyNotes {
  /** What the reference calls the values. */
  readonly kind?: string;
  /** A value to show where there is no default. */
  readonly example?: unknown;
  /** Whether SIGHUP changes the key, and all below it. */
  readonly reload?: boolean;
  /** Whether the value is never shown. */
  readonly secret?: boolean;
  /** Whether the value is the path of a file. */
  readonly file?: boolean;
  /** The flag of the command line that says the same, with its dashes. */
  readonly flag?: string;
}

export function notes({ kind, example, reload, secret, file, flag }: KeyNotes): Record<string, unknown> {
  const all = {
    'x-kind': kind,
    'x-example': example,
    'x-reload': reload,
    'x-secret': secret,
    'x-file': file,
    'x-flag': flag,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const times: Readonly<Record<string, number>> = { ms: 1, '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizes: Readonly<Record<string, number>> = { '': 1, b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 };

/** The longest that Node's timers can wait, in milliseconds: nearly 25 days. */
export const longestTimer = 2 ** 31 - 1;

/** A hundred years, in milliseconds. */
const LONGEST = 36_525 * 86_400_000;

function parseUnit(text: string, units: Readonly<Record<string, number>>): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.trim()) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return digits === '' || factor === undefined ? Number.NaN : Math.round(Number(digits) * factor);
}

interface TimeRange {
  /** Milliseconds. Default 1. */
  readonly from?: number;
  /** Milliseconds. Default: a hundred years. */
  readonly to?: number;
}

const rightTime = 'a time such as 500ms, 30s, 2m, 1h or 30d';

/** Milliseconds, from text such as 30s; a number alone is seconds. */
export function time({ from = 1, to = LONGEST }: TimeRange = {}) {
  return z
    .union([z.string(), z.number()], { error: `must be ${rightTime}` })
    .transform((value, context) => {
      const milliseconds = parseUnit(String(value), times);
      if (milliseconds >= from && milliseconds <= to) return milliseconds;
      const why = Number.isNaN(milliseconds)
        ? ''
        : milliseconds < from
          ? `, ${show(from)} or longer`
          : `, ${show(to)} at most`;
      context.issues.push({ code: 'custom', input: value, message: `must be ${rightTime}${why}` });
      return z.NEVER;
    })
    .meta(notes({ kind: 'time' }));
}

/** The same, or `false` for `none`. */
export function timeOrNone(range: TimeRange = {}) {
  const none = z.literal(['none', false]).transform(() => false as const);
  const error = () => `must be ${rightTime}, or none`;
  return z.union([none, time(range)], { error }).meta(notes({ kind: 'time, or none' }));
}

function show(milliseconds: number): string {
  for (const [unit, factor] of Object.entries(times).toReversed()) {
    if (unit !== '' && milliseconds >= factor) return `${Math.floor(milliseconds / factor)}${unit}`;
  }
  return '0';
}

const rightSize = 'a size such as 65536, 64KiB or 16MiB';

/** Bytes, from text such as 64KiB; a number alone is bytes. */
export function size() {
  return z
    .union([z.string(), z.number()], { error: `must be ${rightSize}` })
    .transform((value, context) => {
      const bytes = parseUnit(String(value).toLowerCase(), sizes);
      if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
      context.issues.push({ code: 'custom', input: value, message: `must be ${rightSize}` });
      return z.NEVER;
    })
    .meta(notes({ kind: 'size' }));
}

export function count(from = 1, to = Number.MAX_SAFE_INTEGER) {
  const range = to === Number.MAX_SAFE_INTEGER ? `from ${from} on` : `from ${from} to ${to}`;
  return z
    .int({ error: `must be a whole number ${range}` })
    .min(from, { error: `must be a whole number ${range}` })
    .max(to, { error: `must be a whole number ${range}` })
    .meta(notes({ kind: 'number' }));
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

export function choice<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, { error: `must be ${or(values)}` }).meta(notes({ kind: or(values) }));
}

export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item, { error: 'must be a list' });
}

export function file() {
  return text('the path of a file').meta(notes({ kind: 'file', file: true }));
}

export function secret() {
  return text().meta(notes({ kind: 'text', secret: true }));
}

/** @param schemes without colons */
export function url(...schemes: readonly string[]) {
  const error = `must be a URL that begins with ${or(schemes.map((scheme) => `${scheme}://`))}`;
  return z
    .string({ error })
    .refine((value) => URL.canParse(value) && schemes.some((scheme) => value.startsWith(`${scheme}://`)), { error })
    .meta(notes({ kind: 'URL' }));
}

export function origin() {
  const error = 'must be an origin: a scheme, a host and perhaps a port, such as https://example.com';
  return z
    .string({ error })
    .refine((value) => originOf(value) === value.toLowerCase().replace(/\/$/, ''), { error })
    .transform((value) => originOf(value))
    .meta(notes({ kind: 'origin' }));
}

function originOf(value: string): string {
  const { origin = '' } = URL.canParse(value) ? new URL(value) : {};
  return /^https?:/.test(origin) ? origin : '';
}

/** Keys that belong together; those that are left out get their defaults. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  // Without an answer, zod says by itself which keys are unknown.
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'invalid_type' ? 'must be keys with values' : undefined),
  });
}

/** Sections by names that the operator chooses. */
export function named<Value extends z.ZodType>(name: z.ZodType<string, string>, value: Value) {
  return z.record(name, value, {
    error: ({ code }) => (code === 'invalid_type' ? 'must be names with values' : undefined),
  });
}

export function or(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
