import { expect, test, vi } from 'vitest';
import { webFeedback } from './feedback.web.ts';

test('sound that the browser has suspended, such as during a call, is resumed by the next feedback', () => {
  const node = { connect: () => node, gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} } };
  const contexts: FakeAudio[] = [];
  class FakeAudio {
    state = 'suspended';
    currentTime = 0;
    constructor() {
      contexts.push(this);
    }
    createOscillator = () => ({ frequency: { value: 0 }, connect: () => node, start() {}, stop() {} });
    createGain = () => node;
    async resume() {
      this.state = 'running';
    }
  }
  vi.stubGlobal('AudioContext', FakeAudio);
  vi.stubGlobal('navigator', {});
  webFeedback('shutter', true);
  expect(contexts.map(({ state }) => state)).toEqual(['running']);
  for (const context of contexts) context.state = 'interrupted';
  webFeedback('shutter', true);
  expect(contexts.map(({ state }) => state)).toEqual(['running']);
  vi.unstubAllGlobals();
});
