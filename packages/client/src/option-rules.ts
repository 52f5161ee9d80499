import { areTransports } from './transports.ts';

// Options are checked by a table: one rule for each name that there is, so that a misspelt name is found out, too.

interface Rule {
  /** How the error message goes on after "must be". */
  readonly wanted: string;
  accepts(value: unknown): boolean;
  /** The rules for the members, if the value is an object. */
  readonly members?: Readonly<Record<string, Rule>>;
}

export type Rules<Options> = { readonly [Name in keyof Options]-?: Rule };

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isString = (value: unknown): value is string => typeof value === 'string';
const isUrl = (value: unknown): boolean => value instanceof URL || (isString(value) && URL.canParse(value));

type Members = Readonly<Record<string, Rule>>;

/** Each accepts `undefined` as well, which counts as left out. */
export const optional = {
  any: { wanted: 'anything', accepts: () => true },
  boolean: { wanted: 'a boolean', accepts: (value) => typeof value === 'boolean' },
  string: { wanted: 'a string', accepts: isString },
  function: { wanted: 'a function', accepts: (value) => typeof value === 'function' },
  object: { wanted: 'an object', accepts: isObject },
  booleanOrObject: {
    wanted: 'a boolean or an object',
    accepts: (value) => typeof value === 'boolean' || isObject(value),
  },
  http2: {
    wanted: 'a boolean or a ClientHttp2Session of node:http2',
    accepts: (value) => typeof value === 'boolean' || (isObject(value) && 'request' in value && 'ping' in value),
  },
  count: { wanted: 'an integer of 0 or more', accepts: isCount },
  countOrTrue: { wanted: 'an integer or true', accepts: (value) => value === true || isCount(value) },
  countOrInfinity: {
    wanted: 'an integer of 0 or more, or Infinity',
    accepts: (value) => value === Number.POSITIVE_INFINITY || isCount(value),
  },
  limit: {
    wanted: 'a positive integer or Infinity',
    accepts: (value) => value === Number.POSITIVE_INFINITY || (isCount(value) && value > 0),
  },
  time: {
    wanted: 'a number of milliseconds above 0, or Infinity',
    accepts: (value) => typeof value === 'number' && value > 0,
  },
  url: { wanted: 'an absolute URL', accepts: isUrl },
  signal: { wanted: 'an AbortSignal', accepts: (value) => value instanceof AbortSignal },
  // A NUL would end the path early in the operating system.
  path: { wanted: 'a path', accepts: (value) => isString(value) && value !== '' && !value.includes('\0') },
  transports: {
    wanted: "a list of 'websocket', 'stream', 'poll' and 'interval', none of them twice",
    accepts: areTransports,
  },
  version: { wanted: '13 or 8', accepts: (value) => value === 13 || value === 8 },
  oneOf: (...names: readonly string[]): Rule => ({
    wanted: names.map((name) => JSON.stringify(name)).join(' or '),
    accepts: (value) => isString(value) && names.includes(value),
  }),
  countOr: (members: Members): Rule => ({
    wanted: 'an integer of 0 or more, or an object',
    accepts: (value) => isCount(value) || isObject(value),
    members,
  }),
  urlOr: (members: Members): Rule => ({
    wanted: 'an http: or https: URL, an object, or false',
    accepts: (value) => value === false || isUrl(value) || (isObject(value) && !(value instanceof URL)),
    members,
  }),
} satisfies Record<string, Rule | ((members: Members) => Rule) | ((...names: readonly string[]) => Rule)>;

/** @throws TypeError naming the option that is unknown or has the wrong type */
export function checkOptions(name: string, given: object, rules: Readonly<Record<string, Rule>>): void {
  if (!isObject(given)) throw new TypeError(`${name} must be an object, not ${String(given)}`);
  const prefix = name === 'options' ? '' : `${name}.`;
  for (const [key, value] of Object.entries(given)) {
    const option = prefix + key;
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) throw new TypeError(`There is no option ${option}`);
    if (value === undefined) continue;
    if (!rule.accepts(value)) throw new TypeError(`The option ${option} must be ${rule.wanted}, not ${show(value)}`);
    if (rule.members !== undefined && isObject(value) && !(value instanceof URL)) {
      checkOptions(option, value, rule.members);
    }
  }
}

export function isHttpUrl(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
