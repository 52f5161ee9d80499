import { describe, expect, test } from 'vitest';
import { run } from '../support.ts';

/** What is offered for the last of these words. */
async function offered(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await run(['complete', '--', ...words]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0] ?? '');
}

describe('completion', () => {
  test('knows the commands, and says what they are for', async () => {
    const { stdout } = await run(['complete', '--', '']);
    expect(stdout).toMatch(/^serve\t\S.*$/m);
    expect(stdout).not.toMatch(/^complete\t/m);
    expect(await offered('con')).toEqual(['connect', 'config']);
    expect(await offered('config', '')).toEqual(['check', 'example', 'schema', 'reference', 'help']);
    expect(await offered('help', 'ser')).toEqual(['serve']);
  });

  test('knows the flags of a command, also those that come from the configuration', async () => {
    expect(await offered('serve', '--max-')).toEqual([
      '--max-message',
      '--max-connections',
      '--max-image',
      '--max-rooms',
    ]);
    expect(await offered('connect', 'ws://127.0.0.1/', '--ti')).toEqual(['--timeout', '--timestamps']);
  });

  test('knows the values that there are, and where a file is meant', async () => {
    expect(await offered('serve', '--engine', '')).toEqual(['memory', 'disk', 'nats', 'redis']);
    expect(await offered('serve', '--log-level', 'w')).toEqual(['warn']);
    expect(await offered('serve', '-c', 'tide')).toEqual(['<file>']);
    expect(await offered('config', 'check', '')).toEqual(['<file>']);
    expect(await offered('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  test('offers nothing where nothing is known, and no flags after two dashes', async () => {
    expect(await offered('serve', '--port', '')).toEqual([]);
    expect(await offered('connect', '')).toEqual([]);
    expect(await offered('none', '--x')).toEqual([]);
    expect(await offered('connect', '--', '--t')).toEqual([]);
  });

  test('is written for three shells, and for no other', async () => {
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await run(['completion', shell])).stdout).toContain('tidewire complete --'.slice(9));
    expect(await run(['completion', 'tcsh'])).toMatchObject({ code: 2, stdout: '' });
  });
});
