import { describe, expect, it } from 'vitest';
import type { Qc } from './qc.ts';
import { scoreWords, shareWords, sizeWords } from './qc-words.ts';

it('a photo below the minimum is called too small, not useless', () => {
  const words = (status: 'pass' | 'warn' | 'fail') => sizeWords({ size: { status, width: 640, height: 480 } } as Qc);
  expect(words('fail')).toEqual(['too small: 640 x 480 pixels']);
  expect(words('warn')).toEqual(['small: 640 x 480 pixels']);
  expect(words('pass')).toEqual([]);
});

describe('figures', () => {
  it('are never rounded to the limit that they miss', () => {
    expect(scoreWords(99.97)).toBe('99');
    expect(shareWords(0.05004)).toBe('5.1 %');
    expect(shareWords(0.05)).toBe('5 %');
    expect(shareWords(0.09)).toBe('9 %');
  });

  it('are short for very small and whole shares', () => {
    expect(shareWords(0)).toBe('0 %');
    expect(shareWords(0.0004)).toBe('under 0.1 %');
    expect(shareWords(1)).toBe('100 %');
  });
});
