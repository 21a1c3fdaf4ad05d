import { z } from 'zod';
import { SessionId } from './ids.ts';
import { Timestamp } from './time.ts';

/** The position after a given session in the list of sessions: active sessions first, then the newest. */
export interface SessionPosition {
  readonly active: boolean;
  /** ISO 8601 in UTC with microseconds, so that two sessions of the same millisecond have a fixed order. */
  readonly startedAt: string;
  readonly id: SessionId;
}

const Parts = z.tuple([z.enum(['a', 'f']), Timestamp, SessionId]);

export function sessionCursor(position: SessionPosition): string {
  const text = [position.active ? 'a' : 'f', position.startedAt, position.id].join(' ');
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Parses a value of `sessionCursor`. It is opaque to callers. */
export const SessionCursor = z
  .string()
  .max(200)
  .transform((text, context): SessionPosition => {
    const parts = Parts.safeParse(decode(text));
    if (parts.success) {
      const [state, startedAt, id] = parts.data;
      return { active: state === 'a', startedAt, id };
    }
    context.addIssue({ code: 'custom', message: 'is not a cursor of GET /sessions. Start without one.' });
    return z.NEVER;
  });

function decode(text: string): string[] {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/')).split(' ');
  } catch {
    return [];
  }
}
