import type { RequestListener } from 'node:http';
import { createPermissions, createTokenVerifier, TokenError, type TokenVerifier } from '@tidewire/hub';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { refusalOf, seconds, serve } from './support.ts';

/** A key of an application, and what it signs with it. */
async function signer(kid: string | undefined) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const header = kid === undefined ? { alg: 'ES256' } : { alg: 'ES256', kid };
  const jwk: JWK = { ...(await exportJWK(publicKey)), ...(kid === undefined ? undefined : { kid }) };
  const token = await new SignJWT({ sub: '42', exp: seconds(3600) }).setProtectedHeader(header).sign(privateKey);
  return { jwk, token };
}

const outcomeOf = (verifier: TokenVerifier, token: string): Promise<string> =>
  verifier.connection(token).then(
    ({ user }) => `user ${user}`,
    (error: unknown) => (error instanceof TokenError ? error.reason : String(error)),
  );

/** A server of what `keys` holds when it is asked. */
async function serveKeys(keys: JWK[]) {
  const asked = { times: 0 };
  const url = await serve((_request, response) => {
    asked.times++;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  });
  return { url, asked };
}

describe('a key set that is fetched', () => {
  it('is fetched once for many tokens', async () => {
    const { jwk, token } = await signer('k1');
    const { url, asked } = await serveKeys([jwk]);
    const verifier = createTokenVerifier({ jwks: { url } });
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcomeOf(verifier, token)));
    expect(new Set(outcomes)).toEqual(new Set(['user 42']));
    expect(await outcomeOf(verifier, token)).toBe('user 42');
    expect(asked.times).toBe(1);
  });

  it('is fetched anew for a key that is not in it, but not more often than the cooldown allows', async () => {
    const [first, second, unknown] = await Promise.all([signer('k1'), signer('k2'), signer('k3')]);
    const keys = [first.jwk];
    const { url, asked } = await serveKeys(keys);
    const verifier = createTokenVerifier({ jwks: { url, cooldown: 60_000 } });
    expect(await outcomeOf(verifier, first.token)).toBe('user 42');
    keys.push(second.jwk);
    // Whoever comes with the new key meanwhile is to come again.
    expect(await outcomeOf(verifier, second.token)).toBe('unknown-key');
    expect(asked.times).toBe(1);

    vi.useFakeTimers({ now: Date.now() + 60_001, toFake: ['Date'] });
    try {
      expect(await outcomeOf(verifier, second.token)).toBe('user 42');
      expect(asked.times).toBe(2);
      vi.setSystemTime(Date.now() + 60_001);
      expect(await outcomeOf(verifier, unknown.token)).toBe('invalid');
      expect(asked.times).toBe(3);
      // A key that was taken out is of no use as soon as the set is fetched again.
      keys.shift();
      vi.setSystemTime(Date.now() + 600_001);
      expect(await outcomeOf(verifier, first.token)).toBe('invalid');
      expect(await outcomeOf(verifier, second.token)).toBe('user 42');
    } finally {
      vi.useRealTimers();
    }
  });

  it('is gone through where neither token nor keys have names', async () => {
    const signers = await Promise.all([signer(undefined), signer(undefined), signer(undefined)]);
    const { url } = await serveKeys(signers.slice(0, 2).map(({ jwk }) => jwk));
    const verifier = createTokenVerifier({ jwks: { url } });
    const outcomes = await Promise.all(signers.map(({ token }) => outcomeOf(verifier, token)));
    expect(outcomes).toEqual(['user 42', 'user 42', 'invalid']);
  });

  it('does not have anybody told of each key whose name a client has made up', async () => {
    const { url, asked } = await serveKeys([(await signer('k1')).jwk]);
    const error = vi.fn();
    const permissions = createPermissions({ tokens: { jwks: { url } }, error });
    const outcomes: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const { token } = await signer(name);
      outcomes.push(await refusalOf(() => permissions.connect({ token }, 'c1', 'websocket')));
    }
    expect(outcomes).toEqual(['disconnect 3500', 'error 100 temporary', 'error 100 temporary']);
    expect(asked.times).toBe(1);
    expect(error).not.toHaveBeenCalled();
  });

  it('holds no secrets', async () => {
    const { url } = await serveKeys([{ kty: 'oct', kid: 'k', k: Buffer.from('x'.repeat(32)).toString('base64url') }]);
    const token = await new SignJWT({ sub: '42' })
      .setProtectedHeader({ alg: 'HS256', kid: 'k' })
      .sign(Buffer.from('x'.repeat(32)));
    expect(await outcomeOf(createTokenVerifier({ jwks: { url } }), token)).toBe('invalid');
  });

  it.each<[string, RequestListener]>([
    ['answers with 500', (_request, response) => response.writeHead(500).end()],
    ['closes the connection', (request) => request.socket.destroy()],
    ['answers with no JSON', (_request, response) => response.end('<html>')],
    ['answers with JSON that is no set', (_request, response) => response.end('{"keys":7}')],
    ['redirects', (_request, response) => response.writeHead(302, { location: 'https://example.com/' }).end()],
    ['does not answer', () => {}],
  ])('is not available if its server %s', async (_name, listener) => {
    const { token } = await signer('k1');
    const url = await serve(listener);
    const verifier = createTokenVerifier({ jwks: { url, timeout: 300 } });
    expect(await outcomeOf(verifier, token)).toBe('unavailable');
  });

  it('is not read for longer than a set can be', async () => {
    const { token } = await signer('k1');
    let written = 0;
    const chunk = 'x'.repeat(1 << 16);
    const url = await serve((_request, response) => {
      const more = (): void => {
        if (response.destroyed || written > 1 << 28) return void response.end();
        written += chunk.length;
        response.write(chunk, more);
      };
      more();
    });
    expect(await outcomeOf(createTokenVerifier({ jwks: { url, timeout: 60_000 } }), token)).toBe('unavailable');
    expect(written).toBeLessThan(1 << 26);
  });

  it('is not asked for by each of a crowd while its server fails', async () => {
    const { token } = await signer('k1');
    let times = 0;
    const url = await serve((_request, response) => {
      times++;
      response.writeHead(503).end();
    });
    const verifier = createTokenVerifier({ jwks: { url } });
    for (let i = 0; i < 20; i++) expect(await outcomeOf(verifier, token)).toBe('unavailable');
    expect(times).toBe(1);
  });
});
