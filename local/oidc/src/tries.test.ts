import { expect, test } from 'vitest';
import { createTries } from './tries.ts';

function setUp() {
  let time = 1_000_000;
  const tries = createTries({ perEmail: 3, overall: 5, windowMs: 60_000, now: () => time });
  const fail = (email: string, times: number) => {
    for (let i = 0; i < times; i++) tries.failed(email);
  };
  return { tries, fail, pass: (ms: number) => (time += ms) };
}

test('one address waits until the oldest of its tries is a minute old', () => {
  const { tries, fail, pass } = setUp();
  fail('a', 1);
  pass(10_000);
  fail('a', 2);
  expect(tries.waitSeconds('a')).toBe(50);
  expect(tries.waitSeconds('b')).toBe(0);
  pass(50_000);
  expect(tries.waitSeconds('a')).toBe(0);
  fail('a', 1);
  expect(tries.waitSeconds('a')).toBe(10);
});

test('guessing over many addresses is slowed down for all of them', () => {
  const { tries, fail, pass } = setUp();
  for (const email of ['a', 'b', 'c', 'd', 'e']) fail(email, 1);
  expect(tries.waitSeconds('f')).toBe(60);
  pass(60_000);
  expect(tries.waitSeconds('f')).toBe(0);
});

test('a success makes the tries of that address free again', () => {
  const { tries, fail } = setUp();
  fail('a', 2);
  tries.succeeded('a');
  fail('a', 2);
  expect(tries.waitSeconds('a')).toBe(0);
});
