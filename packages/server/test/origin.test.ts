import { describe, expect, it } from 'vitest';
import { RawPeer, upgradeRequest } from './support/raw-peer.ts';
import { serve } from './support/serving.ts';

async function statusFor(port: number, Origin: string | undefined, Host = 'example.com:8080'): Promise<number> {
  return (await RawPeer.ask(port, upgradeRequest('/', { Origin, Host }))).response.status;
}

describe('origin', () => {
  it.each([
    ['http://example.com:8080', 'example.com:8080'],
    ['https://example.com:8080', 'example.com:8080'],
    ['https://example.com', 'example.com'],
    ['https://example.com', 'EXAMPLE.com:443'],
    ['http://example.com', 'example.com:80'],
    ['http://127.0.0.1:3000', '127.0.0.1:3000'],
    ['http://[::1]:3000', '[::1]:3000'],
  ])('by default takes a page of the same host: %s on %s', async (origin, host) => {
    const { port } = await serve({});
    expect(await statusFor(port, origin, host)).toBe(101);
  });

  it.each([
    'http://evil.example',
    'http://example.com',
    'http://example.com:8081',
    'http://sub.example.com:8080',
    'http://example.com.evil.example:8080',
    'http://93.184.216.34:8080',
    'null',
    'example.com:8080',
    'http://example.com:8080/',
    'http://example.com:8080@evil.example',
    'http://user@example.com:8080',
    'file://example.com:8080',
    'chrome-extension://example.com:8080',
    'http://example.com:8080 http://evil.example',
    'http://',
    '',
  ])('by default refuses any other: %s', async (origin) => {
    const { port } = await serve({});
    expect(await statusFor(port, origin)).toBe(403);
  });

  it('judges each by its own host, whoever came before', async () => {
    const { port } = await serve({});
    const own = 'http://example.com:8080';
    expect(await statusFor(port, own)).toBe(101);
    expect(await statusFor(port, own, 'evil.example')).toBe(403);
    expect(await statusFor(port, 'http://evil.example')).toBe(403);
    expect(await statusFor(port, own)).toBe(101);
  });

  it('takes clients without one, unless told otherwise', async () => {
    const { port } = await serve({});
    expect(await statusFor(port, undefined)).toBe(101);
    const strict = await serve({ requireOrigin: true });
    expect(await statusFor(strict.port, undefined)).toBe(403);
    expect(await statusFor(strict.port, 'http://example.com:8080')).toBe(101);
  });

  it('takes those of a list', async () => {
    const { port } = await serve({ origin: ['https://app.example', 'capacitor://localhost'] });
    expect(await statusFor(port, 'https://app.example')).toBe(101);
    expect(await statusFor(port, 'HTTPS://APP.example')).toBe(101);
    expect(await statusFor(port, 'capacitor://localhost')).toBe(101);
    expect(await statusFor(port, 'http://app.example')).toBe(403);
    expect(await statusFor(port, 'http://example.com:8080')).toBe(403);
  });

  it('asks a function, which may take its time, and is given the request', async () => {
    const { port } = await serve({
      origin: async (origin, request) => origin === `https://${request.query.get('tenant') ?? ''}.example`,
    });
    const ask = async (path: string, Origin: string) =>
      (await RawPeer.ask(port, upgradeRequest(path, { Origin }))).response.status;
    expect(await ask('/?tenant=a', 'https://a.example')).toBe(101);
    expect(await ask('/?tenant=b', 'https://a.example')).toBe(403);
  });

  it('is not asked about clients that send none', async () => {
    const { port } = await serve({ origin: () => false });
    expect(await statusFor(port, undefined)).toBe(101);
  });
});
