import { expect, it } from 'vitest';
import { createServerClock } from './server-clock.ts';

const server = Date.parse('2026-11-22T12:00:00Z');

it('uses the server’s time if this clock is hours off', () => {
  for (const off of [-3 * 3600_000, 3 * 3600_000]) {
    let local = server + off;
    const clock = createServerClock(() => local);
    clock.observe('Sun, 22 Nov 2026 12:00:00 GMT');
    local += 1000;
    expect(clock.now()).toBe(server + 1000);
  }
});

it('uses this clock if it is about right, or if the server’s time is unknown', () => {
  const clock = createServerClock(() => server + 1200);
  for (const date of [null, 'soon', 'Sun, 22 Nov 2026 12:00:00 GMT']) {
    clock.observe(date);
    expect(clock.now()).toBe(server + 1200);
  }
});
