import { expect, test } from 'vitest';
import { createSignInDelays } from './sign-in-delays.ts';

function setUp() {
  let time = 1_000_000;
  const delays = createSignInDelays(() => time);
  const here = { address: '10.0.0.1', email: 'a@b.test' };
  const fail = (times: number, attempt = here) => {
    for (let i = 0; i < times; i++) delays.failed(attempt);
  };
  return { delays, here, fail, pass: (ms: number) => (time += ms) };
}

test('the first failures cause no delay, and each further failure doubles the delay, up to 15 minutes', () => {
  const { delays, here, fail, pass } = setUp();
  fail(4);
  expect(delays.waitSeconds(here)).toBe(0);
  const waits = Array.from({ length: 9 }, () => {
    fail(1);
    const wait = delays.waitSeconds(here);
    pass(wait * 1000);
    expect(delays.waitSeconds(here)).toBe(0);
    return wait;
  });
  expect(waits).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900]);
});

test('only the pair of address and account is delayed: the owner of the account can sign in from another address, and others can sign in', () => {
  const { delays, here, fail } = setUp();
  fail(1_000);
  expect(delays.waitSeconds(here)).toBe(900);
  expect(delays.waitSeconds({ ...here, address: '10.0.0.2' })).toBe(0);
  expect(delays.waitSeconds({ ...here, email: 'c@b.test' })).toBe(0);
});

test('a success or an hour without a failure resets the delay', () => {
  const { delays, here, fail, pass } = setUp();
  fail(6);
  delays.succeeded(here);
  expect(delays.waitSeconds(here)).toBe(0);
  fail(20);
  pass(60 * 60_000 + 1);
  expect(delays.waitSeconds(here)).toBe(0);
  fail(4);
  expect(delays.waitSeconds(here)).toBe(0);
});

test('guesses for many accounts use bounded memory, and the oldest are forgotten', () => {
  const { delays, here, fail } = setUp();
  fail(9);
  for (let k = 0; k < 10_000; k++) fail(1, { ...here, email: `${k}@b.test` });
  expect(delays.waitSeconds(here)).toBe(0);
  fail(8, { ...here, email: '9999@b.test' });
  expect(delays.waitSeconds({ ...here, email: '9999@b.test' })).toBeGreaterThan(0);
});
