import { describe, expect, it } from 'vitest';
import { closeLine, summaryOf } from '../../src/inspector/store/summary.ts';
import { message } from './support.ts';

const base64 = (bytes: number[]) => Buffer.from(bytes).toString('base64');

describe('a message in one line', () => {
  it('is its text, without line breaks and not too long', () => {
    expect(summaryOf(message(1, { data: 'a\n  b' }), undefined).text).toBe('a b');
    const { text } = summaryOf(message(1, { data: 'x'.repeat(5000) }), undefined);
    expect(text.length).toBe(401);
    expect(text.endsWith('…')).toBe(true);
  });

  it('is its bytes, its text where they are ASCII, or what image they are', () => {
    expect(summaryOf(message(1, { bytes: base64([0, 255]) }), undefined).text).toBe('00 ff');
    expect(summaryOf(message(1, { bytes: base64([0x68, 0x69]) }), undefined).text).toBe('hi');
    expect(summaryOf(message(1, { bytes: base64([0xff, 0xd8, 0xff]) }), undefined).text).toBe('image/jpeg image');
  });

  it('is what the protocol says of it', () => {
    const body = { type: 'json', value: { n: 1 } } as const;
    const decoded = [{ kind: 'EVENT', about: 'chat', id: '7', fields: [['room', 'a']] as const, body }];
    expect(summaryOf(message(1), decoded)).toEqual({ kind: 'EVENT', about: 'chat', text: '#7 {"n":1} · room=a' });
    expect(summaryOf(message(1), [...decoded, ...decoded]).text).toContain('and 1 more in this message');
  });

  it('shows the place that is looked for, wherever it is', () => {
    const data = `${'x'.repeat(3000)}needle${'y'.repeat(3000)}`;
    expect(summaryOf(message(1, { data }), undefined, /needle/i).text).toMatch(/^…x{10}needley+…$/);
    const decoded = [{ kind: 'EVENT', fields: [] }];
    expect(summaryOf(message(1, { data: 'a needle' }), decoded, /needle/).text).toBe('a needle');
    expect(summaryOf(message(1, { data: 'a needle' }), decoded, /haystack/).text).toBe('');
  });

  it('says what a Close frame says', () => {
    expect(closeLine(Uint8Array.of(0x03, 0xe9, 0x62, 0x79, 0x65))).toBe(
      '1001 Going away: the server shuts down, or the page was left · bye',
    );
    expect(closeLine(new Uint8Array())).toBe('No code');
  });
});
