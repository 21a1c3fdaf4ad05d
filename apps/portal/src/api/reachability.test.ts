import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createReachability, type Reach } from './reachability.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function surroundings() {
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
  const told: Reach[] = [];
  reachability.subscribe(() => told.push(reachability.get()));
  return { state, events, reachability, told };
}

it('tells nothing of one call that failed while the API answers', async () => {
  const { state, reachability, told } = surroundings();
  reachability.unanswered();
  await vi.advanceTimersByTimeAsync(60_000);
  expect({ told, probes: state.probes }).toEqual({ told: [], probes: 1 });
});

it('tells that nobody answers, looks again ever more rarely, and tells when somebody does', async () => {
  const { state, reachability, told } = surroundings();
  state.answers = false;
  reachability.unanswered();
  reachability.unanswered();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(['no_answer']);
  await vi.advanceTimersByTimeAsync(2000 + 4000 + 8000 + 15_000 + 15_000);
  expect(state.probes).toBe(6);
  state.answers = true;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(told).toEqual(['no_answer', 'reached']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.probes).toBe(7);
});

it('takes the answer to any call for a sign of life', async () => {
  const { state, reachability, told } = surroundings();
  state.answers = false;
  reachability.unanswered();
  await vi.advanceTimersByTimeAsync(0);
  reachability.answered();
  await vi.advanceTimersByTimeAsync(60_000);
  expect({ told, probes: state.probes }).toEqual({ told: ['no_answer', 'reached'], probes: 1 });
});

it('does not take the word of the browser about the network for more than a reason to look', async () => {
  const { state, events, told } = surroundings();
  events.dispatchEvent(new Event('offline'));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([]);
  Object.assign(state, { answers: false, online: false });
  events.dispatchEvent(new Event('offline'));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(['no_network']);
  Object.assign(state, { answers: true, online: true });
  events.dispatchEvent(new Event('online'));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(['no_network', 'reached']);
});

it('leaves nothing running', async () => {
  const { state, reachability, events } = surroundings();
  state.answers = false;
  reachability.unanswered();
  await vi.advanceTimersByTimeAsync(0);
  reachability.stop();
  events.dispatchEvent(new Event('online'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.probes).toBe(1);
});
