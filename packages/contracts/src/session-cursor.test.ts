import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { SessionId } from './ids.ts';
import { SessionCursor, sessionCursor } from './session-cursor.ts';

test('a cursor is safe in a URL and decodes to its position', () => {
  for (const active of [true, false]) {
    const place = { active, startedAt: '2026-11-22T10:00:00.123456Z', id: SessionId.parse(randomUUID()) };
    const cursor = sessionCursor(place);
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(SessionCursor.parse(cursor)).toEqual(place);
  }
});

test.each([
  '',
  'x',
  '%%%',
  btoa('a'),
  btoa(`a infinity ${randomUUID()}`),
  btoa('a 2026-11-22T10:00:00Z x'),
  btoa(`z 2026-11-22T10:00:00Z ${randomUUID()}`),
  'a'.repeat(201),
])('%j is not a cursor', (cursor) => expect(SessionCursor.safeParse(cursor).success).toBe(false));
