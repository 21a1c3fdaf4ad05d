import { describe, expect, it } from 'vitest';
import type { Image } from './images.ts';
import type { Qc } from './qc.ts';
import { verdictOf } from './verdict.ts';

function judged(
  status: Image['status'],
  sharpness: Qc['sharpness'],
  exposure: Partial<Qc['exposure']> = {},
): Pick<Image, 'status' | 'qc'> {
  const exposed = { status: 'pass', clipped_white: 0, clipped_black: 0, mean_luma: 128, ...exposure } as const;
  return { status, qc: { sharpness, exposure: exposed } };
}

const sharp = { score: 500, status: 'pass' } as const;

describe('verdictOf', () => {
  it('follows the two scores', () => {
    expect(verdictOf(judged('processed', sharp))).toBe('pass');
    expect(verdictOf(judged('processed', { score: 200, status: 'warn' }))).toBe('warn');
    expect(verdictOf(judged('failed', { score: 43, status: 'fail' }))).toBe('fail');
    expect(verdictOf(judged('published', sharp))).toBe('pass');
  });

  it('stays a fail for a bad frame that was published anyway', () => {
    expect(verdictOf(judged('published', sharp, { status: 'fail', clipped_black: 0.2 }))).toBe('fail');
  });

  it('is a warning for a verdict of a later server that is unknown here', () => {
    expect(verdictOf(judged('processed', { score: 500, status: 'odd' as 'warn' }))).toBe('warn');
    expect(verdictOf(judged('processed', { score: 5, status: 'fail' }, { status: 'odd' as 'fail' }))).toBe('fail');
  });

  it('is null for a frame with an unknown status', () => {
    expect(verdictOf(judged('quarantined' as 'processed', sharp))).toBeNull();
  });

  it('is null for frames that were not measured yet, and a fail for unreadable ones', () => {
    expect(verdictOf({ status: 'pending', qc: null })).toBeNull();
    expect(verdictOf({ status: 'expired', qc: null })).toBeNull();
    expect(verdictOf({ status: 'processed', qc: null })).toBeNull();
    expect(verdictOf({ status: 'failed', qc: null })).toBe('fail');
  });
});
