import { expect, expectTypeOf, test } from 'vitest';
import { type NewEvent, recordEvent, recordRefusal } from './record-event.ts';

// The compiler runs this test.
test('the type of a refusal allows no message, because a message would not be recorded', () => {
  type Recorded = Parameters<typeof recordRefusal>[1];
  expectTypeOf<NewEvent>().toExtend<Parameters<typeof recordEvent>[1]>();
  expectTypeOf<NewEvent>().not.toExtend<Recorded>();
  expectTypeOf<Omit<NewEvent, 'message'>>().toExtend<Recorded>();
  expect([recordEvent, recordRefusal]).toHaveLength(2);
});
