import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyHolder } from '../api/keys.ts';

// What is in the cookie of who has logged in: the name of the key, when the session ends, and a MAC of both by a secret that is
// made of the key. No node has to remember it, each that has the key can read it, and a key that is changed or taken away ends
// what was begun with it.

/** What a token says, once it was found to be good. */
export interface Opened {
  readonly holder: KeyHolder;
  /** When it ends, in milliseconds since 1970. */
  readonly until: number;
}

const TOKEN = /^([\w-]{1,2048})\.(\d{13})\.([\w-]{43})$/;

/** @param until milliseconds since 1970 */
export function sealToken({ grant, sessionSecret }: KeyHolder, until: number): string {
  const said = `${Buffer.from(grant.name).toString('base64url')}.${until}`;
  return `${said}.${macOf(said, sessionSecret).toString('base64url')}`;
}

/** @param now milliseconds since 1970 */
export function openToken(token: string, holders: readonly KeyHolder[], now: number): Opened | undefined {
  const [, name = '', end = '', mac = ''] = TOKEN.exec(token) ?? [];
  const given = Buffer.from(mac, 'base64url');
  let holder: KeyHolder | undefined;
  // All are looked at, so that the time tells nothing of which it was.
  for (const each of holders) {
    const wanted = macOf(`${name}.${end}`, each.sessionSecret);
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) holder = each;
  }
  const until = Number(end);
  const isNamed = holder?.grant.name === Buffer.from(name, 'base64url').toString();
  return holder !== undefined && isNamed && now < until ? { holder, until } : undefined;
}

function macOf(said: string, secret: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(said).digest();
}
