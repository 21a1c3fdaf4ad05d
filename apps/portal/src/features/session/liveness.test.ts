import { describe, expect, it } from 'vitest';
import { livenessOf, stallMs } from './liveness.ts';
import { frame } from './testing.ts';

const startedAt = Date.parse('2026-11-22T10:00:00.000Z');
const session = (status: 'active' | 'completed' | 'abandoned') => ({
  status,
  started_at: new Date(startedAt).toISOString(),
});
/** Minutes after the start. */
const at = (minutes: number) => startedAt + minutes * 60_000;

describe('livenessOf', () => {
  it('is live while frames arrive', () => {
    expect(livenessOf(session('active'), [], at(1))).toEqual({ state: 'live' });
    expect(livenessOf(session('active'), [frame(8)], at(9))).toEqual({ state: 'live' });
  });

  it('is stalled after some minutes without news, counted from the last news', () => {
    expect(livenessOf(session('active'), [], startedAt + stallMs + 1)).toEqual({ state: 'stalled', since: startedAt });
    const measured = frame(3, { processed_at: '2026-11-22T10:07:00.000Z' });
    expect(livenessOf(session('active'), [measured], at(11))).toEqual({ state: 'live' });
    expect(livenessOf(session('active'), [measured], at(13))).toEqual({ state: 'stalled', since: at(7) });
  });

  it('has ended when the session has ended and no frame is expected', () => {
    for (const status of ['completed', 'abandoned'] as const) {
      expect(livenessOf(session(status), [frame(1), frame(2, { status: 'failed' })], at(3))).toEqual({ state: 'over' });
      expect(livenessOf(session(status), [frame(1, { status: 'pending' })], at(3))).toEqual({ state: 'live' });
    }
  });

  it('has not ended while the original of a preview may arrive', () => {
    const state = (original_state: string | null) =>
      livenessOf(session('completed'), [frame(1, { shown_upload: 'preview', original_state })], at(3)).state;
    expect([null, 'expected', 'expired', 'rejected'].map(state)).toEqual(['live', 'live', 'over', 'over']);
  });
});
