import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import { createTokenVerifier, TokenError, type TokenOptions } from '@tidewire/hub';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { forge, seconds } from './support.ts';

const secret = 'a secret that is long enough for HMAC';
const claims = { sub: '42', exp: seconds(60) };
const hmac =
  (key: string | Buffer, hash = 'sha256') =>
  (text: string) =>
    createHmac(hash, key).update(text).digest();

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** Why the token is not taken as one for connecting, or for whom it is. */
async function outcomeOf(token: string, options: TokenOptions = { secrets: [secret] }): Promise<string> {
  try {
    return `user ${(await createTokenVerifier(options).connection(token)).user}`;
  } catch (error) {
    if (error instanceof TokenError) return error.reason;
    throw error;
  }
}

describe('a token for connecting', () => {
  it.each(['HS256', 'HS384', 'HS512'])('is taken if a secret has signed it with %s', async (alg) => {
    const token = await new SignJWT(claims).setProtectedHeader({ alg }).sign(Buffer.from(secret));
    expect(await outcomeOf(token)).toBe('user 42');
    expect(await outcomeOf(token, { secrets: ['x'.repeat(32)] })).toBe('invalid');
  });

  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    'is taken if a private key has signed it with %s',
    async (alg) => {
      const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
      const another = await generateKeyPair(alg, { extractable: true });
      const token = await new SignJWT(claims).setProtectedHeader({ alg, kid: 'k' }).sign(privateKey);
      const jwk = await exportJWK(publicKey);
      expect(await outcomeOf(token, { publicKeys: [jwk] })).toBe('user 42');
      expect(await outcomeOf(token, { publicKeys: [await exportJWK(another.publicKey), jwk] })).toBe('user 42');
      expect(await outcomeOf(token, { publicKeys: [await exportJWK(another.publicKey)] })).toBe('invalid');
      expect(await outcomeOf(token, { publicKeys: [{ ...jwk, kid: 'k' }] })).toBe('user 42');
      expect(await outcomeOf(token, { publicKeys: [{ ...jwk, kid: 'another' }] })).toBe('invalid');
      expect(await outcomeOf(token, { jwks: { keys: [{ ...jwk, kid: 'k' }] } })).toBe('user 42');
      expect(await outcomeOf(token, { jwks: { keys: [{ ...jwk, kid: 'another' }] } })).toBe('invalid');
    },
  );

  it('is taken if it was made without any library', async () => {
    expect(await outcomeOf(forge({ alg: 'HS256', typ: 'JWT' }, claims, hmac(secret)))).toBe('user 42');
    const bySecretOfOld = forge({ alg: 'HS512' }, claims, hmac('the secret of the year before this one', 'sha512'));
    const secrets = [secret, 'the secret of the year before this one'];
    expect(await outcomeOf(bySecretOfOld, { secrets })).toBe('user 42');
    const rs256 = forge({ alg: 'RS256' }, claims, (text) => signBytes('sha256', Buffer.from(text), rsa.privateKey));
    expect(await outcomeOf(rs256, { publicKeys: [rsa.publicKey] })).toBe('user 42');
  });

  it('is taken if one of many keys of all kinds has signed it', async () => {
    const pairs = await Promise.all(['ES256', 'ES384', 'EdDSA'].map((alg) => generateKeyPair(alg)));
    const jwks = await Promise.all(pairs.map(({ publicKey }) => exportJWK(publicKey)));
    const options = { secrets: [secret], publicKeys: [...jwks, rsa.publicKey] };
    const rs256 = forge({ alg: 'RS256' }, claims, (text) => signBytes('sha256', Buffer.from(text), rsa.privateKey));
    expect(await outcomeOf(rs256, options)).toBe('user 42');
    expect(await outcomeOf(forge({ alg: 'HS256' }, claims, hmac(secret)), options)).toBe('user 42');
  });

  it('is refused if nobody has signed it', async () => {
    const options = { secrets: [secret], publicKeys: [rsa.publicKey] };
    for (const alg of ['none', 'None', 'NONE', '', 'HS1', 'RS1', 'dir', 7, null, undefined]) {
      expect(
        await outcomeOf(
          forge({ alg }, claims, () => Buffer.alloc(0)),
          options,
        ),
      ).toBe('invalid');
      expect(await outcomeOf(forge({ alg }, claims, hmac(secret)), options)).toBe('invalid');
    }
  });

  it('is refused if the public key was taken for a secret', async () => {
    for (const key of [
      rsa.publicKey,
      rsa.publicKey.trim(),
      Buffer.from(rsa.publicKey.split('\n').slice(1, -2).join(''), 'base64'),
    ]) {
      for (const [alg, hash] of [
        ['HS256', 'sha256'],
        ['HS384', 'sha384'],
        ['HS512', 'sha512'],
      ] as const) {
        const token = forge({ alg }, claims, hmac(key, hash));
        expect(await outcomeOf(token, { publicKeys: [rsa.publicKey] })).toBe('invalid');
        expect(await outcomeOf(token, { publicKeys: [rsa.publicKey], secrets: [secret] })).toBe('invalid');
      }
    }
  });

  it('is refused if anything of it was changed', async () => {
    const token = forge({ alg: 'HS256' }, claims, hmac(secret));
    const [header = '', payload = '', signature = ''] = token.split('.');
    const root = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url');
    const crit = forge({ alg: 'HS256', crit: ['x'], x: 1 }, claims, hmac(secret));
    const foreign = { alg: 'HS256', jwk: { kty: 'oct', k: Buffer.from('mine'.repeat(8)).toString('base64url') } };
    const broken = [
      `${header}.${root}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(1)}`,
      `${header}.${payload}`,
      `${header}..${signature}`,
      `${token}.${signature}`,
      crit,
      forge(foreign, claims, hmac('mine'.repeat(8))),
      'nonsense',
      '..',
      '',
      '\u{1F600}.a.b',
    ];
    for (const text of broken) expect(await outcomeOf(text)).toBe('invalid');
    const rs256 = forge({ alg: 'RS256' }, claims, (text) => signBytes('sha256', Buffer.from(text), rsa.privateKey));
    expect(await outcomeOf(rs256.replace(/\.[^.]+\./, `.${root}.`), { publicKeys: [rsa.publicKey] })).toBe('invalid');
  });

  it('is refused if it is not of an algorithm that is asked for', async () => {
    const token = forge({ alg: 'HS256' }, claims, hmac(secret));
    expect(await outcomeOf(token, { secrets: [secret], algorithms: ['HS512'] })).toBe('invalid');
  });

  it('is refused if it has too many characters', async () => {
    const token = forge({ alg: 'HS256' }, { ...claims, info: 'x'.repeat(20_000) }, hmac(secret));
    expect(await outcomeOf(token)).toBe('invalid');
    expect(await outcomeOf(token, { secrets: [secret], maxLength: 50_000 })).toBe('user 42');
  });

  it('is good from nbf to exp, give or take what clocks may differ', async () => {
    const at = (times: object) => forge({ alg: 'HS256' }, { sub: '42', ...times }, hmac(secret));
    expect(await outcomeOf(at({ exp: seconds(-3) }))).toBe('user 42');
    expect(await outcomeOf(at({ exp: seconds(-7) }))).toBe('expired');
    expect(await outcomeOf(at({ exp: seconds(-3) }), { secrets: [secret], clockTolerance: 0 })).toBe('expired');
    expect(await outcomeOf(at({ nbf: seconds(3) }))).toBe('user 42');
    expect(await outcomeOf(at({ nbf: seconds(30) }))).toBe('invalid');
    expect(await outcomeOf(at({ exp: 'soon' }))).toBe('invalid');
    const forged = at({ exp: seconds(-60) }).replace(/[^.]+$/, 'AAAA');
    expect(await outcomeOf(forged)).toBe('invalid');
  });

  it('is for one of the audiences, and from one of the issuers, that are asked for', async () => {
    const token = (more: object) => forge({ alg: 'HS256' }, { ...claims, ...more }, hmac(secret));
    const options = { secrets: [secret], audience: ['chat', 'game'], issuer: 'https://example.com' };
    expect(await outcomeOf(token({ aud: ['game', 'x'], iss: 'https://example.com' }), options)).toBe('user 42');
    expect(await outcomeOf(token({ aud: 'shop', iss: 'https://example.com' }), options)).toBe('invalid');
    expect(await outcomeOf(token({ iss: 'https://example.com' }), options)).toBe('invalid');
    expect(await outcomeOf(token({ aud: 'chat', iss: 'https://example.org' }), options)).toBe('invalid');
  });

  it('says what the connection is and may do', async () => {
    const verifier = createTokenVerifier({ secrets: [secret] });
    const caps = [{ channels: ['news:*'], match: 'wildcard', allow: ['sub', 'hst'] }];
    const said = {
      info: { name: 'Ada' },
      meta: { plan: 'free' },
      channels: ['a'],
      subs: { b: { info: 1, data: [2] } },
      caps,
    };
    const admission = await verifier.connection(forge({ alg: 'HS256' }, { ...claims, ...said }, hmac(secret)));
    expect(admission).toEqual({
      user: '42',
      connectionInfo: '{"name":"Ada"}',
      expiresAt: (claims.exp + 5) * 1000,
      meta: { plan: 'free' },
      subscriptions: new Map([
        ['a', {}],
        ['b', { channelInfo: '1', data: '[2]' }],
      ]),
      capabilities: caps,
    });
  });

  it('may let the connection last for longer than itself, or for ever', async () => {
    const verifier = createTokenVerifier({ secrets: [secret] });
    const expiry = async (more: object) =>
      (await verifier.connection(forge({ alg: 'HS256' }, { ...claims, ...more }, hmac(secret)))).expiresAt;
    expect(await expiry({ expire_at: seconds(1000) })).toBe(seconds(1000) * 1000);
    expect(await expiry({ expire_at: 0 })).toBeUndefined();
  });

  it('is refused if a claim is of another type, and the message names it', async () => {
    const verifier = createTokenVerifier({ secrets: [secret] });
    const wrong: [object, string][] = [
      [{ sub: 42 }, 'sub must be a string'],
      [{ channels: 'a' }, 'channels must be an array of strings'],
      [{ subs: ['a'] }, 'subs must be an object'],
      [{ subs: { a: 1 } }, 'subs.a must be an object'],
      [{ caps: [{ channels: [1], allow: [] }] }, 'caps[0].channels must be an array of strings'],
      [{ caps: [{ channels: [], allow: ['all'] }] }, 'caps[0].allow must be an array of "sub", "pub", "prs" and "hst"'],
      [
        { caps: [{ channels: ['.*'], match: 'regex', allow: ['sub'] }] },
        'caps[0].match must be "wildcard", or not there',
      ],
      [{ expire_at: '1' }, 'expire_at must be a time in seconds since 1970'],
    ];
    for (const [more, message] of wrong) {
      const token = forge({ alg: 'HS256' }, { ...claims, ...more }, hmac(secret));
      await expect(verifier.connection(token)).rejects.toMatchObject({ reason: 'invalid', message });
    }
  });

  it('is not one for a channel, and the other way round', async () => {
    const verifier = createTokenVerifier({ secrets: [secret] });
    const forChannel = forge({ alg: 'HS256' }, { ...claims, channel: 'a' }, hmac(secret));
    const forConnecting = forge({ alg: 'HS256' }, claims, hmac(secret));
    await expect(verifier.connection(forChannel)).rejects.toMatchObject({ reason: 'invalid' });
    await expect(verifier.subscription(forConnecting)).rejects.toMatchObject({ reason: 'invalid' });
    await expect(verifier.subscription(forChannel)).resolves.toMatchObject({ user: '42', channel: 'a' });
  });
});

describe('keys', () => {
  it.each<[TokenOptions, string]>([
    [{}, 'tokens needs secrets, publicKeys or jwks'],
    [{ secrets: ['short'] }, 'tokens.secrets[0] has less than 32 bytes'],
    [{ secrets: [secret, rsa.publicKey] }, 'tokens.secrets[1] is a PEM: a public key belongs to publicKeys'],
    [
      { publicKeys: [rsa.privateKey] },
      'tokens.publicKeys[0] is no public key: keep the private one where tokens are made',
    ],
    [{ publicKeys: ['nonsense'] }, 'tokens.publicKeys[0] cannot be read'],
    [
      { publicKeys: [{ kty: 'oct', k: 'AAAA' }] },
      'tokens.publicKeys[0] is no public key: keep the private one where tokens are made',
    ],
    [{ jwks: { url: 'file:///etc/passwd' } }, 'tokens.jwks.url must begin with https: or http:'],
  ])('that are not good for anything are refused at once: %#', (options, message) => {
    expect(() => createTokenVerifier(options)).toThrow(message);
  });

  it('that are too weak, or of a curve that no token is signed on, are refused at once', () => {
    const pem = ({ publicKey }: { publicKey: KeyObject }) =>
      publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const weak = pem(generateKeyPairSync('rsa', { modulusLength: 1024 }));
    const odd = pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }));
    expect(() => createTokenVerifier({ publicKeys: [weak] })).toThrow('has less than 2048 bits');
    expect(() => createTokenVerifier({ publicKeys: [odd] })).toThrow('is on the curve secp256k1');
  });
});
