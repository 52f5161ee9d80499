import { describe, expect, it } from 'vitest';
import { markHits } from '../../src/shared/hits.ts';

describe('hits in a text', () => {
  const marked = (text: string, find?: RegExp) =>
    markHits(text, find)
      .map((piece) => (piece.isHit ? `[${piece.text}]` : piece.text))
      .join('');

  it('are each marked', () => {
    expect(marked('Tide and tide', /tide/i)).toBe('[Tide] and [tide]');
    expect(marked('none', /tide/)).toBe('none');
    expect(marked('', /tide/)).toBe('');
    expect(marked('tide')).toBe('tide');
  });

  it('are no empty ones, and no more than one can see', () => {
    expect(marked('abc', /x*/)).toBe('abc');
    expect(markHits('a'.repeat(100_000), /a/).length).toBeLessThan(500);
  });
});
