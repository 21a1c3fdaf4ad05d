import { expect, test } from 'vitest';
import { SlotBook } from './slot-book.ts';

const at = (angle_deg: number) => ({ angle_deg, shot_name: null });

test('photos take the open slots in order; the last one can be undone, and the next photo takes its slot', () => {
  const book = new SlotBook({ studio360: { frame_count: 4 } });
  book.use(at(90), 'from another phone');
  expect([book.take('a'), book.take('b')]).toEqual([at(0), at(180)]);
  expect(book.undo()).toEqual({ file: 'b', slot: at(180) });
  expect([book.take('c'), book.take('d'), book.take('e')]).toEqual([at(180), at(270), null]);
  expect(book.open).toBe(0);
});

test('a file that is written again keeps its slot', () => {
  const book = new SlotBook({ stills: [{ name: 'front', required: true }] });
  expect(book.take('a')).toEqual(book.take('a'));
});
