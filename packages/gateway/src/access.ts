import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createTokenVerifier, TokenError, type TokenOptions, type TokenVerifier } from '@tidewire/hub';
import type { UpgradeRequest } from '@tidewire/server';

// Who may connect to what. A token or a key comes as `Authorization: Bearer …`, as the password of `Authorization: Basic …`, or,
// since pages can set no header, as `?token=…`.

/** A secret that is handed out to clients. */
export interface AccessKey {
  /** As the log calls it. */
  readonly name: string;
  readonly key: string;
  /** The names of the targets that it is good for. Default: all. */
  readonly targets?: readonly string[] | undefined;
}

export interface AccessOptions {
  /**
   * JSON Web Tokens. The claim `targets` lists the names of the targets that a token is good for; without it, it is good for all.
   * It is checked when a client connects.
   */
  readonly tokens?: TokenOptions | undefined;
  readonly keys?: readonly AccessKey[] | undefined;
}

/** Why somebody is not let in. */
export type AccessRefusal = 'UNAUTHORIZED' | 'TOKEN_EXPIRED' | 'FORBIDDEN' | 'KEYS_UNAVAILABLE';

/** Who was let in, for the log. */
export interface Visitor {
  /** The subject of the token, or the name of the key; `undefined` where nobody is asked. */
  readonly user: string | undefined;
}

interface KnownKey {
  readonly name: string;
  readonly digest: Buffer;
  readonly targets: readonly string[] | undefined;
}

/** Text is compared by its MAC, so that the time that takes tells nothing of where it differs. */
const secret = randomBytes(32);
const digestOf = (text: string) => createHmac('sha256', secret).update(text).digest();

export class Access {
  readonly #verifier: TokenVerifier | undefined;
  readonly #keys: readonly KnownKey[];
  readonly #isOpen: boolean;

  /** @throws TypeError naming the option that makes no sense */
  constructor({ tokens, keys = [] }: AccessOptions) {
    this.#verifier = tokens && createTokenVerifier(tokens);
    for (const { name, key } of keys) {
      if (typeof key !== 'string' || !/^[\x21-\x7e]{16,}$/.test(key)) {
        throw new TypeError(`keys: that of ${name} must be 16 or more characters of printable ASCII without spaces`);
      }
    }
    this.#keys = keys.map(({ name, key, targets }) => ({ name, digest: digestOf(key), targets }));
    this.#isOpen = this.#verifier === undefined && this.#keys.length === 0;
  }

  async admit(request: UpgradeRequest, target: string): Promise<Visitor | AccessRefusal> {
    if (this.#isOpen) return { user: undefined };
    const given = credentialOf(request);
    if (given === undefined) return 'UNAUTHORIZED';
    const digest = digestOf(given);
    let known: KnownKey | undefined;
    for (const each of this.#keys) if (timingSafeEqual(each.digest, digest)) known = each;
    if (known !== undefined) return isFor(known.targets, target) ? { user: known.name } : 'FORBIDDEN';
    if (this.#verifier === undefined) return 'UNAUTHORIZED';
    try {
      return visitorOf(await this.#verifier.claims(given), target);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      if (error.reason === 'expired') return 'TOKEN_EXPIRED';
      return error.reason === 'unavailable' ? 'KEYS_UNAVAILABLE' : 'UNAUTHORIZED';
    }
  }
}

function visitorOf(claims: Readonly<Record<string, unknown>>, target: string): Visitor | AccessRefusal {
  const { sub, targets, channel } = claims;
  // A token for one channel of a hub was given to somebody for that alone.
  if (channel !== undefined && channel !== null) return 'FORBIDDEN';
  if (targets !== undefined && !isListOfText(targets)) return 'UNAUTHORIZED';
  return isFor(targets, target) ? { user: typeof sub === 'string' ? sub : '' } : 'FORBIDDEN';
}

function isFor(targets: readonly string[] | undefined, target: string): boolean {
  return targets === undefined || targets.includes(target);
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** RFC 6750, 2.1, and RFC 7617, 2; then the query. */
function credentialOf({ headers, query }: UpgradeRequest): string | undefined {
  const [, scheme = '', rest = ''] = /^(\w+) +(\S+) *$/.exec(headers.get('Authorization') ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return rest;
  if (scheme.toLowerCase() === 'basic')
    return Buffer.from(rest, 'base64')
      .toString()
      .replace(/^[^:]*:/, '');
  return query.get('token') || undefined;
}
