import { describe, expect, it } from 'vitest';
import {
  applyDecisions,
  bulkWords,
  countUnpublished,
  type Decision,
  isReplacement,
  publishableOf,
  replacesPublished,
} from './publishing.ts';
import { frame } from './testing.ts';

const good = frame(1);
const bad = frame(2, { status: 'failed' });
const unreadable = frame(3, { status: 'failed', qc: null });
const coming = frame(4, { status: 'pending' });
const out = frame(5, { status: 'published', published_at: '2026-11-22T11:00:00.000Z' });
const replaced = frame(6, { superseded: true });
const all = [good, bad, unreadable, coming, out, replaced];
const preview = frame(9, { shown_upload: 'preview' });
const warned = frame(7, {
  qc: {
    sharpness: { score: 200, status: 'warn' },
    exposure: { status: 'pass', clipped_white: 0, clipped_black: 0, mean_luma: 128 },
  },
});

describe('publishableOf', () => {
  it('asks before publishing a failed frame, and offers nothing without a picture', () => {
    expect(all.map(publishableOf)).toEqual(['publish', 'override', 'no', 'no', 'undo', 'publish']);
  });

  it('asks before publishing a frame with only a preview', () => {
    expect(publishableOf(preview)).toBe('preview');
    expect(publishableOf({ ...preview, status: 'failed' })).toBe('override');
  });
});

describe('isReplacement', () => {
  it('is true for the current frame of a slot with an older published one, until it is published itself', () => {
    const slot = { position: 0, published_image_id: out.id, replacement_waiting: true };
    const frames = [frame(7, { slot }), frame(5, { slot, superseded: true, status: 'published' }), good];
    expect(frames.map(isReplacement)).toEqual([true, false, false]);
    const published = { slot: { ...slot, replacement_waiting: false }, status: 'published' };
    expect(isReplacement(frame(7, published))).toBe(false);
  });
});

describe('replacesPublished', () => {
  it('is true for every other frame of a slot with a published one', () => {
    const slot = { position: 0, published_image_id: out.id, replacement_waiting: false };
    const frames = [
      frame(5, { slot, status: 'published' }),
      frame(7, { slot, superseded: true }),
      frame(8, { slot }),
      good,
    ];
    expect(frames.map(replacesPublished)).toEqual([false, true, true, false]);
  });
});

describe('applyDecisions', () => {
  const statuses = (decisions: Decision[]) => applyDecisions(all, decisions).map(({ status }) => status);

  it('returns the same frames if nothing is waiting', () => {
    expect(applyDecisions(all, [])).toBe(all);
  });

  it('publishes only current frames that passed', () => {
    expect(countUnpublished(all)).toEqual({ passed: 1, warned: 0 });
    expect(statuses([{ kind: 'all', warned: false }])).toEqual([
      'published',
      'failed',
      'failed',
      'pending',
      'published',
      'processed',
    ]);
  });

  it('publishes a frame with a warning only if warnings are selected', () => {
    const both = [good, warned, bad];
    expect(countUnpublished(both)).toEqual({ passed: 1, warned: 1 });
    const after = (wanted: boolean) =>
      applyDecisions(both, [{ kind: 'all', warned: wanted }]).map(({ status }) => status);
    expect(after(false)).toEqual(['published', 'processed', 'failed']);
    expect(after(true)).toEqual(['published', 'published', 'failed']);
  });

  it('leaves out previews when all are published at once', () => {
    expect(countUnpublished([good, preview])).toEqual({ passed: 1, warned: 0 });
    const [, shown] = applyDecisions([good, preview], [{ kind: 'all', warned: true }]);
    expect(shown?.status).toBe('processed');
  });

  it('gives every frame its previous status when all are unpublished', () => {
    const overridden = frame(8, { status: 'published', override: true });
    const after = applyDecisions([out, overridden, coming], [{ kind: 'unpublish_all' }]);
    expect(after.map(({ status, override }) => [status, override])).toEqual([
      ['processed', false],
      ['failed', false],
      ['pending', false],
    ]);
  });

  it('unpublishes the frame of the slot that another one replaces', () => {
    const slot = { position: 0, published_image_id: out.id, replacement_waiting: true };
    const frames = [frame(5, { slot, status: 'published', superseded: true }), frame(7, { slot })] as const;
    const after = applyDecisions(frames, [{ kind: 'publish', image: frames[1], override: false, preview: false }]);
    expect(after.map(({ status }) => status)).toEqual(['processed', 'published']);
  });

  it('shows the last request, and gives an unpublished frame its previous status', () => {
    const [shown] = applyDecisions([bad], [{ kind: 'publish', image: bad, override: true, preview: false }]);
    expect(shown).toMatchObject({ status: 'published', override: true, published_at: null, published_by: null });
    const both: Decision[] = [
      { kind: 'publish', image: bad, override: true, preview: false },
      { kind: 'unpublish', image: bad },
    ];
    expect(applyDecisions([bad], both)[0]).toMatchObject({ status: 'failed', override: false });
    expect(applyDecisions([out], [{ kind: 'unpublish', image: out }])[0]).toMatchObject({
      status: 'processed',
      published_at: null,
    });
  });

  it('keeps replies that the server sent in the meantime', () => {
    const published = { ...good, status: 'published', published_at: '2026-11-22T12:00:00.000Z' } as const;
    expect(applyDecisions([published], [{ kind: 'publish', image: good, override: false, preview: false }])[0]).toBe(
      published,
    );
    expect(applyDecisions([coming], [{ kind: 'unpublish', image: coming }])[0]).toBe(coming);
  });
});

describe('bulkWords', () => {
  const left = (...reasons: Parameters<typeof bulkWords>[1][number]['reason'][]) =>
    reasons.map((reason) => ({ reason }));

  it('says how many frames were published, and why the others were not', () => {
    expect(bulkWords(18, left('pending', 'failed_qc', 'failed_qc', 'failed_qc', 'failed_qc', 'pending'))).toBe(
      '18 published, 6 left: 4 failed, 2 on the way',
    );
    expect(bulkWords(24, [])).toBe('24 published, none left');
    expect(bulkWords(0, left('unreadable', 'expired'))).toBe(
      '0 published, 2 left: 1 could not be read, 1 never arrived',
    );
  });
});
