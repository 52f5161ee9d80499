import { describe, expect, test } from 'vitest';
import { targetOf } from '../../src/login/target.ts';

const to = (path: string) => targetOf(`?to=${encodeURIComponent(path)}`, 'https://example.com', '/otherwise');

describe('a login leads', () => {
  test('to the path of this site that it was asked for', () => {
    expect(to('/console')).toBe('/console');
    expect(to('/console/channels?pattern=a:*#b')).toBe('/console/channels?pattern=a:*#b');
    expect(to('/console/../chat')).toBe('/chat');
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/..//evil.example',
    'https://evil.example/console',
    'https:evil.example',
    'javascript:alert(1)',
    'console',
    '',
    ' /console',
    '/\\[',
    'https://example.com@evil.example',
  ])('nowhere else: %j', (path) => {
    expect(to(path)).toBe('/otherwise');
  });

  test('to the first page for who runs the service, if nothing is asked for', () => {
    expect(targetOf('', 'https://example.com', '/otherwise')).toBe('/otherwise');
    expect(targetOf('?out', 'https://example.com', '/otherwise')).toBe('/otherwise');
  });
});
