import { expect, it } from 'vitest';
import { spanWords, timelineOf } from './timeline.ts';

const at = (time: string) => `2026-11-22T${time}Z`;

it('returns the seconds between the completed steps', () => {
  const steps = timelineOf({
    captured_at: at('10:00:00.000'),
    uploaded_at: at('10:00:02.500'),
    processed_at: at('10:00:03.000'),
    published_at: null,
  });
  expect(steps.map(({ name, after }) => [name, after])).toEqual([
    ['taken', null],
    ['uploaded', 2.5],
    ['processed', 0.5],
  ]);
});

it('has no seconds for a camera with a clock three hours ahead', () => {
  const steps = timelineOf({
    captured_at: at('13:00:00.000'),
    uploaded_at: at('10:00:02.500'),
    processed_at: at('10:00:03.000'),
    published_at: at('10:10:03.000'),
  });
  expect(steps.map(({ after }) => after)).toEqual([null, null, 0.5, 600]);
});

it('does not blame the camera’s clock for an upload within one second, the precision of the object store', () => {
  const times = { captured_at: at('10:00:00.679'), uploaded_at: at('10:00:00.000'), processed_at: at('10:00:02.000') };
  expect(timelineOf({ ...times, published_at: null }).map(({ after }) => after)).toEqual([null, 0, 2]);
});

it('is empty for a frame that is only announced', () => {
  expect(timelineOf({ captured_at: null, uploaded_at: null, processed_at: null, published_at: null })).toEqual([]);
});

it.each([
  [0, '0.0 s'],
  [2.54, '2.5 s'],
  [9.97, '10 s'],
  [119, '119 s'],
  [600, '10 min'],
  [3 * 3600, '3 h'],
  [24 * 3600, '24 h'],
  [3 * 86_400, '3 days'],
])('%s seconds read %s', (seconds, words) => {
  expect(spanWords(seconds)).toBe(words);
});
