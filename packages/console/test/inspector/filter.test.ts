import type { MessageJson } from '@tidewire/inspector/recording';
import { describe, expect, it } from 'vitest';
import { compileFilter, type Filter, noFilter } from '../../src/inspector/store/filter.ts';
import { message, T0 } from './support.ts';

const passes = (filter: Partial<Filter>, one: MessageJson) => compileFilter({ ...noFilter, ...filter }).test?.(one);

describe('a filter', () => {
  it('is none at all where nothing matters', () => {
    expect(compileFilter(noFilter)).toEqual({ test: undefined, problem: undefined });
  });

  it('finds text whatever its case, and takes no character of it for a pattern', () => {
    expect(passes({ text: 'TIDE' }, message(1, { data: 'high tide' }))).toBe(true);
    expect(passes({ text: 'a.c' }, message(1, { data: 'abc' }))).toBe(false);
    expect(passes({ text: '({[' }, message(1, { data: '({[' }))).toBe(true);
  });

  it('finds a regular expression', () => {
    expect(passes({ text: '^\\d+$', isPattern: true }, message(1, { data: '1234' }))).toBe(true);
    expect(passes({ text: '^\\d+$', isPattern: true }, message(1, { data: '12 34' }))).toBe(false);
  });

  it('says why a regular expression is none, and lets through what the rest of it does', () => {
    const { test, problem } = compileFilter({ ...noFilter, text: '(', isPattern: true, direction: 'toServer' });
    expect(problem).toContain('Unterminated group');
    expect(test?.(message(1))).toBe(true);
    expect(test?.(message(2))).toBe(false);
  });

  it('reads binary messages as text', () => {
    const binary = message(1, { bytes: Buffer.from('Grüße').toString('base64') });
    expect(passes({ text: 'grüße' }, binary)).toBe(true);
    expect(passes({ text: 'x' }, message(1, { bytes: 'no base64!' }))).toBe(false);
  });

  it('knows direction, opcodes, sizes and times, and needs all of them', () => {
    const one = message(4, { data: 'hello' });
    expect(passes({ direction: 'toClient' }, one)).toBe(true);
    expect(passes({ opcodes: [2, 8] }, one)).toBe(false);
    expect(passes({ opcodes: [1, 8] }, one)).toBe(true);
    expect(passes({ minLength: 5, maxLength: 5 }, one)).toBe(true);
    expect(passes({ minLength: 6 }, one)).toBe(false);
    expect(passes({ maxLength: 4 }, one)).toBe(false);
    expect(passes({ from: T0 + 400, to: T0 + 401 }, one)).toBe(true);
    expect(passes({ from: T0, to: T0 + 400 }, one)).toBe(false);
    expect(passes({ direction: 'toClient', text: 'nothing' }, one)).toBe(false);
  });
});
