import { describe, expect, it } from 'vitest';
import { RawPeer, upgradeRequest } from './support/raw-peer.ts';
import { serve } from './support/serving.ts';

describe('the path of a request', () => {
  it.each([
    '/',
    '/a/b.c?d/../e',
    '/?x',
    '//a//',
    '/a/../b',
    '/a/./b',
    '/.',
    '/..',
    '/.well-known/x',
    '/a/.b',
    '/%2e%2e/a',
    '/%41',
    '/a\\b',
    '/a|b^c`d{e}',
    '/a"b<c>d',
    '/a#b?c',
    "/~!$&'()*+,;=:@-_.",
    'HTTP://Other.example/a/../b?c',
    'http://other.example',
  ])('is what URL finds in the target %s', async (target) => {
    const paths: string[] = [];
    const seen: string[] = [];
    const { port } = await serve(
      {
        upgrade: ({ path }) => {
          seen.push(path);
          return { data: undefined };
        },
      },
      { attach: { path: (path) => paths.push(path) > 0 } },
    );
    expect((await RawPeer.ask(port, upgradeRequest(target))).response.status).toBe(101);
    const { pathname } = new URL(target.startsWith('/') ? `http://localhost${target}` : target);
    expect(paths).toEqual([pathname]);
    expect(seen).toEqual([pathname]);
  });
});
