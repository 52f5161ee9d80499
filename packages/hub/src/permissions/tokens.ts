import {
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import type { Admission, SubscriptionGrant } from '../permissions.ts';
import { FieldError, Fields } from './fields.ts';
import { readCapabilities, readSubscriptions } from './grants.ts';
import { type KeySet, keySet, type RemoteKeySet } from './key-set.ts';
import { publicKey, secretKey, type TokenAlgorithm, tokenAlgorithms } from './keys.ts';

// JSON Web Tokens (RFC 7519) of an application: one lets a client connect, another lets it subscribe to a channel. The names of
// the claims are those of Centrifugo, so that code that makes tokens for it makes them for a hub.
// https://centrifugal.dev/docs/server/authentication and https://centrifugal.dev/docs/server/channel_token_auth

export interface TokenOptions {
  /** For HS256, HS384 and HS512: 32 bytes at least, text as UTF-8. A token is good if one of them has signed it. */
  readonly secrets?: readonly (string | Uint8Array)[] | undefined;
  /** Public keys and certificates as PEM, or as JWK: RSA of 2048 bits at least, P-256, P-384, P-521, Ed25519. */
  readonly publicKeys?: readonly (string | JWK)[] | undefined;
  /** Public keys that are found by the token's `kid`: where they are served, or the set itself. */
  readonly jwks?: RemoteKeySet | JSONWebKeySet | undefined;
  /** Default: all those that the keys are for; EdDSA, ES, RS and PS for `jwks`. */
  readonly algorithms?: readonly TokenAlgorithm[] | undefined;
  /** One of these must be in `aud`. Default: not checked. */
  readonly audience?: string | readonly string[] | undefined;
  /** One of these must be `iss`. Default: not checked. */
  readonly issuer?: string | readonly string[] | undefined;
  /** Milliseconds by which the clock of who makes tokens may be off. Default 5000. */
  readonly clockTolerance?: number | undefined;
  /** Characters that a token may have. Default 16 384. */
  readonly maxLength?: number | undefined;
}

/**
 * Why a token is not taken. `expired`: it is genuine, and was good once. `unavailable`: the keys cannot be had at the moment.
 * `unknown-key`: it may be signed by a key that is new, which cannot be asked for yet. `invalid`: everything else.
 */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly reason: 'expired' | 'invalid' | 'unavailable' | 'unknown-key';

  constructor(reason: TokenError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface SubscriptionToken {
  readonly user: string;
  readonly channel: string;
  /** The connection that it is for; `undefined` if for all of the user. */
  readonly client: string | undefined;
  readonly grant: SubscriptionGrant;
}

/** All methods reject with a `TokenError`. */
export interface TokenVerifier {
  /** The claims of a genuine token, whatever it is for. */
  claims(token: string): Promise<Readonly<Record<string, unknown>>>;
  connection(token: string): Promise<Admission>;
  subscription(token: string): Promise<SubscriptionToken>;
}

function toTokenError(error: unknown): TokenError {
  const options = { cause: error };
  if (error instanceof TokenError) return error;
  if (error instanceof errors.JWTExpired) return new TokenError('expired', 'the token has expired', options);
  const message = error instanceof Error ? error.message : String(error);
  // The keys were asked for and did not come: a generic error of jose, one of `fetch`, or a set that is none.
  const isKeysFault =
    !(error instanceof errors.JOSEError) ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === errors.JOSEError.code;
  return isKeysFault && !(error instanceof FieldError)
    ? new TokenError('unavailable', `the keys for the token are not available: ${message}`, options)
    : new TokenError('invalid', message, options);
}

const isSupported = (name: string): name is TokenAlgorithm => tokenAlgorithms.some((known) => known === name);
const toArray = (one: string | readonly string[]): string[] => (typeof one === 'string' ? [one] : [...one]);

async function verifyBySet(token: string, set: KeySet, rules: JWTVerifyOptions): Promise<JWTPayload> {
  const isLastWord = set.asksAgain();
  try {
    return (await jwtVerify(token, set.keyFor, rules)).payload;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey && !isLastWord) {
      throw new TokenError('unknown-key', 'the key of the token is not known yet', { cause: error });
    }
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // The token does not name its key.
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, rules)).payload;
      } catch (reason) {
        if (!(reason instanceof errors.JWSSignatureVerificationFailed)) throw reason;
      }
    }
    throw new TokenError('invalid', 'no key has signed the token');
  }
}

/** @throws TypeError if there is no key, or one that is not good for this */
function signatureVerifier(options: TokenOptions): (token: string) => Promise<JWTPayload> {
  const { audience, issuer, clockTolerance = 5000, maxLength = 16_384 } = options;
  for (const name of options.algorithms ?? []) {
    if (!isSupported(name)) throw new TypeError(`tokens.algorithms has ${name}, which is none of ${tokenAlgorithms}`);
  }
  const keys = [
    ...(options.secrets ?? []).map((secret, index) => secretKey(secret, `tokens.secrets[${index}]`)),
    ...(options.publicKeys ?? []).map((key, index) => publicKey(key, `tokens.publicKeys[${index}]`)),
  ];
  const set = options.jwks === undefined ? undefined : keySet(options.jwks);
  if (keys.length === 0 && set === undefined) throw new TypeError('tokens needs secrets, publicKeys or jwks');
  const rules = {
    clockTolerance: clockTolerance / 1000,
    ...(audience === undefined ? undefined : { audience: toArray(audience) }),
    ...(issuer === undefined ? undefined : { issuer: toArray(issuer) }),
  };

  return async (token) => {
    if (token.length > maxLength) throw new TokenError('invalid', `the token has more than ${maxLength} characters`);
    let header: { alg?: unknown; kid?: unknown };
    try {
      header = decodeProtectedHeader(token);
    } catch (error) {
      throw new TokenError('invalid', 'the token cannot be read', { cause: error });
    }
    const { alg, kid } = header;
    if (typeof alg !== 'string' || !isSupported(alg) || options.algorithms?.includes(alg) === false) {
      throw new TokenError('invalid', `the token is signed by ${String(alg)}, which is not taken`);
    }
    const verifyWith = { ...rules, algorithms: [alg] };
    for (const key of keys) {
      if (!key.algorithms.includes(alg) || (key.id !== undefined && kid !== undefined && key.id !== kid)) continue;
      try {
        return (await jwtVerify(token, await key.load(alg), verifyWith)).payload;
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      }
    }
    if (set === undefined || alg.startsWith('HS')) throw new TokenError('invalid', 'no key has signed the token');
    return verifyBySet(token, set, verifyWith);
  };
}

/** Until when what a token allows lasts: as `expire_at` says, where 0 is for ever, else as long as the token itself. */
function expiryOf(claims: Fields, clockTolerance: number): number | undefined {
  if (!claims.has('expire_at')) {
    const expiry = claims.time('exp');
    return expiry === undefined ? undefined : expiry + clockTolerance;
  }
  return claims.time('expire_at') || undefined;
}

/** @throws TypeError if the options have no key, or name something that is not known */
export function createTokenVerifier(options: TokenOptions): TokenVerifier {
  const verify = signatureVerifier(options);
  const tolerance = options.clockTolerance ?? 5000;
  const reading =
    <Result>(read: (claims: Fields) => Result) =>
    async (token: string): Promise<Result> => {
      try {
        return read(new Fields(await verify(token)));
      } catch (error) {
        throw toTokenError(error);
      }
    };
  return {
    claims: (token) =>
      verify(token).catch((error: unknown) => {
        throw toTokenError(error);
      }),
    connection: reading((claims) => {
      // A token for a channel says less than one for connecting, and may have been given to somebody for that alone.
      if (claims.has('channel')) throw new TokenError('invalid', 'the token is one for a channel');
      return {
        user: claims.string('sub') ?? '',
        connectionInfo: claims.json('info'),
        expiresAt: expiryOf(claims, tolerance),
        subscriptions: readSubscriptions(claims),
        capabilities: readCapabilities(claims),
        meta: claims.any('meta'),
      };
    }),
    subscription: reading((claims) => {
      const channel = claims.string('channel');
      if (channel === undefined) throw new TokenError('invalid', 'the token is not one for a channel');
      return {
        user: claims.string('sub') ?? '',
        channel,
        client: claims.string('client') || undefined,
        grant: { channelInfo: claims.json('info'), expiresAt: expiryOf(claims, tolerance) },
      };
    }),
  };
}
