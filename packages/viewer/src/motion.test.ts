import { expect, test } from 'vitest';
import { nearest } from './circle.ts';
import { Motion } from './motion.ts';

const slots = Array.from({ length: 24 }, (_, k) => k * 15);

/** The angles of the glide that follows a drag with this speed in degrees per ms. */
function glideAfter(speed: number): number[] {
  let angle = 350;
  const angles: number[] = [];
  const motion = new Motion({
    angle: () => angle,
    turn: (to) => {
      angle = to;
    },
    rest: (to) => slots[nearest(slots, to)] ?? 0,
    step: () => undefined,
  });
  for (let time = 0; time <= 80; time += 10) motion.drag(speed * 10, time);
  const from = angle;
  motion.release(80, true);
  const began = performance.now();
  for (let ms = 0; motion.gliding; ms += 10) {
    motion.tick(began + ms);
    if (motion.gliding) angles.push(angle);
  }
  return [from, ...angles];
}

test.each([-3, -1, -0.3, 0.3, 1, 3])('a glide at speed %d ends at the next slot without turning back', (speed) => {
  const angles = glideAfter(speed);
  const way = (angles.at(-1) ?? 0) - (angles[0] ?? 0);
  const reverse = Math.max(0, ...angles.slice(1).map((angle, k) => ((angles[k] ?? 0) - angle) * Math.sign(speed)));
  expect(Math.sign(way)).toBe(Math.sign(speed));
  expect(reverse).toBeLessThan(1);
});
