import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createReachability, type Reach } from './reachability.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const state = { answers: true, online: true, probes: 0 };
  const events = new EventTarget();
  const reachability = createReachability({
    probe: async () => {
      state.probes++;
      if (!state.answers) throw new TypeError('Failed to fetch');
    },
    isOnline: () => state.online,
    events,
  });
  const reported: Reach[] = [];
  reachability.subscribe(() => reported.push(reachability.get()));
  return { state, events, reachability, reported };
}

it('ignores one failed call while the API answers', async () => {
  const { state, reachability, reported } = setUp();
  reachability.unanswered();
  await vi.advanceTimersByTimeAsync(60_000);
  expect({ reported, probes: state.probes }).toEqual({ reported: [], probes: 1 });
});

it('reports an API that does not answer, checks again with growing delays, and reports its return', async () => {
  const { state, reachability, reported } = setUp();
  state.answers = false;
  reachability.unanswered();
  reachability.unanswered();
  await vi.advanceTimersByTimeAsync(0);
  expect(reported).toEqual(['no_answer']);
  await vi.advanceTimersByTimeAsync(2000 + 4000 + 8000 + 15_000 + 15_000);
  expect(state.probes).toBe(6);
  state.answers = true;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(reported).toEqual(['no_answer', 'reached']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.probes).toBe(7);
});

it('treats the reply to any call as a sign of life', async () => {
  const { state, reachability, reported } = setUp();
  state.answers = false;
  reachability.unanswered();
  await vi.advanceTimersByTimeAsync(0);
  reachability.answered();
  await vi.advanceTimersByTimeAsync(60_000);
  expect({ reported, probes: state.probes }).toEqual({ reported: ['no_answer', 'reached'], probes: 1 });
});

it('ignores a check that fails although a call got a reply in the meantime', async () => {
  const { state, reachability, reported } = setUp();
  state.answers = false;
  reachability.unanswered();
  reachability.answered();
  await vi.advanceTimersByTimeAsync(60_000);
  expect({ reported, probes: state.probes }).toEqual({ reported: [], probes: 1 });
});

it('uses the browser’s network events only as a reason to check', async () => {
  const { state, events, reported } = setUp();
  events.dispatchEvent(new Event('offline'));
  await vi.advanceTimersByTimeAsync(0);
  expect(reported).toEqual([]);
  Object.assign(state, { answers: false, online: false });
  events.dispatchEvent(new Event('offline'));
  await vi.advanceTimersByTimeAsync(0);
  expect(reported).toEqual(['no_network']);
  Object.assign(state, { answers: true, online: true });
  events.dispatchEvent(new Event('online'));
  await vi.advanceTimersByTimeAsync(0);
  expect(reported).toEqual(['no_network', 'reached']);
});
