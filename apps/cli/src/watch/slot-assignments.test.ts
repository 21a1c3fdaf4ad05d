import { expect, test } from 'vitest';
import { SlotAssignments } from './slot-assignments.ts';

const at = (angle_deg: number) => ({ angle_deg, shot_name: null });

test('photos take the open slots in order; the last one can be undone, and the next photo takes its slot', () => {
  const assignments = new SlotAssignments({ studio360: { frame_count: 4 } });
  assignments.use(at(90), 'from another phone');
  expect([assignments.take('a'), assignments.take('b')]).toEqual([at(0), at(180)]);
  expect(assignments.undo()).toEqual({ file: 'b', slot: at(180) });
  expect([assignments.take('c'), assignments.take('d'), assignments.take('e')]).toEqual([at(180), at(270), null]);
  expect(assignments.open).toBe(0);
});

test('a file that is written again keeps its slot', () => {
  const assignments = new SlotAssignments({ stills: [{ name: 'front', required: true }] });
  expect(assignments.take('a')).toEqual(assignments.take('a'));
});
