import type { Allowed, Capability, SubscriptionGrant } from '../permissions.ts';
import type { Fields } from './fields.ts';

// What a token, or the answer to a webhook, lets a connection do in channels: the fields `caps`, `channels` and `subs`.

const isAllowed = (word: string): word is Allowed =>
  word === 'sub' || word === 'pub' || word === 'prs' || word === 'hst';

/** `caps`: [{ channels, match, allow }]. @throws FieldError */
export function readCapabilities(fields: Fields): readonly Capability[] | undefined {
  return fields.objects('caps')?.map((entry) => {
    const match = entry.string('match');
    if (match !== undefined && match !== '' && match !== 'wildcard')
      throw entry.wrong('match', '"wildcard", or not there');
    const allow = entry.strings('allow') ?? [];
    if (!allow.every(isAllowed)) throw entry.wrong('allow', 'an array of "sub", "pub", "prs" and "hst"');
    return {
      channels: entry.strings('channels') ?? [],
      ...(match === 'wildcard' ? { match } : undefined),
      allow,
    };
  });
}

/** `channels`, a list of names, and `subs`, which says more of each: { name: { info, data } }. @throws FieldError */
export function readSubscriptions(fields: Fields): ReadonlyMap<string, SubscriptionGrant> | undefined {
  const names = fields.strings('channels');
  const subs = fields.object('subs');
  if (names === undefined && subs === undefined) return undefined;
  const grants = new Map<string, SubscriptionGrant>();
  for (const name of names ?? []) grants.set(name, {});
  for (const name of subs?.names() ?? []) {
    const options = subs?.object(name);
    grants.set(name, { channelInfo: options?.json('info'), data: options?.json('data') });
  }
  return grants;
}

/** Whether `name` is `pattern` with something, or nothing, in the place of each star. It never goes back. */
function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

/**
 * Whether the first capability that is about `channel` allows `word`. One about all of a namespace by a wildcard is about its
 * prefix with the star, too: that star is matched by nothing but a star.
 */
export function isCapable(capabilities: readonly Capability[] | undefined, channel: string, word: Allowed): boolean {
  const first = capabilities?.find(({ channels, match }) =>
    match === 'wildcard' ? channels.some((pattern) => matches(pattern, channel)) : channels.includes(channel),
  );
  return first?.allow.includes(word) ?? false;
}
