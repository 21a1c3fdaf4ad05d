import { expect, test } from 'vitest';
import { PressQueue, type Turn } from './press-queue.ts';

function start() {
  const turns: Turn[] = [];
  const press = () => {
    const turn = queue.take();
    if (turn !== null) turns.push(turn);
  };
  const queue = new PressQueue(press);
  return { queue, turns, press };
}

test('a press waits until the frames of the previous one are in memory', () => {
  const { turns, press } = start();
  press();
  press();
  expect(turns).toHaveLength(1);
  turns[0]?.grabbed();
  expect(turns.map(({ isAlone }) => isAlone)).toEqual([true, false]);
  turns[0]?.ended();
  turns[1]?.ended();
  expect(turns).toHaveLength(2);
});

test('a press waits while frames are taken, even if an earlier photo reaches the disk', () => {
  const { turns, press } = start();
  press();
  turns[0]?.grabbed();
  press();
  press();
  turns[0]?.ended();
  expect(turns).toHaveLength(2);
  turns[1]?.grabbed();
  expect(turns).toHaveLength(3);
});

test('at most three photos are in memory, and a failed one makes room', () => {
  const { turns, press } = start();
  for (let k = 0; k < 3; k++) {
    press();
    turns[k]?.grabbed();
  }
  press();
  expect(turns).toHaveLength(3);
  turns[1]?.ended();
  expect(turns).toHaveLength(4);
});

test('presses that wait when everything is taken are dropped, and take no photo later', () => {
  const { queue, turns, press } = start();
  for (let k = 0; k < 6; k++) press();
  queue.clear();
  turns[0]?.grabbed();
  turns[0]?.ended();
  expect(turns).toHaveLength(1);
});
