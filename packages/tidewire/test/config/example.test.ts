import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { run } from '../support.ts';
import { check } from './support.ts';

const example = async () => (await run(['config', 'example'])).stdout;
const summary = (content: string) => check(content).stdout;

describe('tidewire config example', () => {
  test('writes a file that is right, and changes nothing', async () => {
    const file = await example();
    expect(summary(file)).toBe(summary(''));
  });

  test('has a value to begin from behind what is commented out', async () => {
    // Files and a user need others that are not there, or exclude each other.
    const all = (await example()).replace(/^( *)#(?! )(.*)$/gm, (line, indent: string, text: string) =>
      /File|file|^ *(?:tls|cert|key|ca|user|token|password):/.test(text) ? line : indent + text,
    );
    const value: Record<string, unknown> = parse(all, { uniqueKeys: false });
    expect(Object.keys(value)).toEqual(expect.arrayContaining(['listen', 'engine', 'namespaces', 'tokens', 'api']));
    expect(value.namespaces).toMatchObject({ chat: { history: { size: 100, ttl: '1h' } } });
  });

  test('has every key of the schema, with what it is for', async () => {
    const file = await example();
    const { stdout } = await run(['config', 'schema']);
    const schema: unknown = JSON.parse(stdout);
    const keys = [...keysOf(schema)];
    expect(keys.length).toBeGreaterThan(80);
    for (const { name, description } of keys) {
      expect.soft(description, name).toMatch(/^.{3}.*[.:]?$/s);
      expect.soft(file, name).toMatch(new RegExp(`^ *(?:#? *(?:- )?)${name}:`, 'm'));
    }
  });
});

test('the reference in the documentation is what the schema says', async () => {
  const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
  // To put it right: tidewire config reference
  const { stdout } = await run(['config', 'reference']);
  expect(page.slice(page.indexOf('### listen'))).toBe(stdout);
});

function* keysOf(schema: unknown): Generator<{ readonly name: string; readonly description: unknown }> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [word, value] of Object.entries(schema)) {
    if (word === 'properties' && typeof value === 'object' && value !== null) {
      for (const [name, child] of Object.entries(value)) {
        yield { name, description: Object.entries(child ?? {}).find(([key]) => key === 'description')?.[1] };
        yield* keysOf(child);
      }
    } else if (typeof value === 'object') yield* keysOf(value);
  }
}
