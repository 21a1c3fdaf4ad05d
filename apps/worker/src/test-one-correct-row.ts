import { expect } from 'vitest';
import { isEmpty, type TestSession, type TestStack } from './testing.ts';

/** Expects one frame that was completed once, with all thumbnails, and an empty queue. */
export async function expectOneCorrectRow(
  { objects, queue, deadLetters }: TestStack,
  session: TestSession,
): Promise<void> {
  const images = await session.images();
  expect(images).toMatchObject([{ status: 'processed', failure: null, width: 320, height: 240 }]);
  // One reservation, one completion.
  expect(await session.version()).toBe(2);
  for (const key of Object.values(images[0]?.thumb_keys ?? {})) expect(await objects.head(key)).not.toBeNull();
  expect(await isEmpty(queue)).toBe(true);
  expect((await deadLetters.depth()).visible).toBe(0);
}
