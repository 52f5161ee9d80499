import { createPublicKey, type KeyObject } from 'node:crypto';
import { type CryptoKey, importSPKI, type JWK } from 'jose';

// Keys that tokens are verified with. Each knows its algorithms from what it is, never from what a token says, so that a public
// key cannot be taken for a secret.

export const tokenAlgorithms = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

export type TokenAlgorithm = (typeof tokenAlgorithms)[number];

export interface VerificationKey {
  readonly algorithms: readonly TokenAlgorithm[];
  /** A token that names another one is not for this key. */
  readonly id: string | undefined;
  /** The key as the algorithm takes it, made once. */
  load(algorithm: TokenAlgorithm): Promise<CryptoKey>;
}

const curves: Readonly<Record<string, TokenAlgorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/** RFC 7518, 3.2: a key of the size of the hash or larger. This is the size of the smallest. */
const MIN_SECRET = 32;
/** RFC 7518, 3.3. */
const MIN_MODULUS = 2048;

function once(make: (algorithm: TokenAlgorithm) => Promise<CryptoKey>): VerificationKey['load'] {
  const made = new Map<TokenAlgorithm, Promise<CryptoKey>>();
  return (algorithm) => {
    const known = made.get(algorithm) ?? make(algorithm);
    made.set(algorithm, known);
    return known;
  };
}

/** @throws TypeError naming `name` if it is too short, or is no secret at all */
export function secretKey(secret: string | Uint8Array, name: string): VerificationKey {
  const bytes = Uint8Array.from(typeof secret === 'string' ? Buffer.from(secret) : secret);
  if (Buffer.from(bytes).includes('-----BEGIN'))
    throw new TypeError(`${name} is a PEM: a public key belongs to publicKeys`);
  if (bytes.length < MIN_SECRET) throw new TypeError(`${name} has less than ${MIN_SECRET} bytes`);
  return {
    algorithms: ['HS256', 'HS384', 'HS512'],
    id: undefined,
    load: once((algorithm) =>
      crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: `SHA-${algorithm.slice(2)}` }, false, ['verify']),
    ),
  };
}

function algorithmsOf(key: KeyObject, name: string): readonly TokenAlgorithm[] {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if (modulusLength < MIN_MODULUS) throw new TypeError(`${name} has less than ${MIN_MODULUS} bits`);
      return ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
    case 'ec': {
      const algorithm = curves[namedCurve];
      if (algorithm === undefined)
        throw new TypeError(`${name} is on the curve ${namedCurve}, which no token is signed on`);
      return [algorithm];
    }
    case 'ed25519':
      return ['EdDSA', 'Ed25519'];
    default:
      throw new TypeError(`${name} is of a kind that no token is signed with: ${key.asymmetricKeyType}`);
  }
}

/**
 * @param key a public key or a certificate as PEM, or a JWK
 * @throws TypeError naming `name` if it is none, or a private one, or too weak
 */
export function publicKey(key: string | JWK, name: string): VerificationKey {
  const isPrivate = typeof key === 'string' ? key.includes('PRIVATE KEY') : key.d !== undefined || key.k !== undefined;
  if (isPrivate) throw new TypeError(`${name} is no public key: keep the private one where tokens are made`);
  let known: KeyObject;
  try {
    known = typeof key === 'string' ? createPublicKey(key) : createPublicKey({ key: { ...key }, format: 'jwk' });
  } catch (error) {
    throw new TypeError(`${name} cannot be read`, { cause: error });
  }
  const own = typeof key === 'string' ? undefined : key.alg;
  const pem = known.export({ type: 'spki', format: 'pem' }).toString();
  return {
    algorithms: algorithmsOf(known, name).filter((algorithm) => own === undefined || algorithm === own),
    id: typeof key === 'string' ? undefined : key.kid,
    load: once((algorithm) => importSPKI(pem, algorithm)),
  };
}
