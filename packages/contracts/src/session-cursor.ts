import { z } from 'zod';
import { SessionId } from './ids.ts';
import { Timestamp } from './time.ts';

/** The place behind a session in the list: the active ones come first, then the newest. */
export interface SessionPlace {
  readonly active: boolean;
  /** ISO 8601 in UTC with microseconds: two sessions of one millisecond have their order. */
  readonly startedAt: string;
  readonly id: SessionId;
}

const Parts = z.tuple([z.enum(['a', 'f']), Timestamp, SessionId]);

export function sessionCursor(place: SessionPlace): string {
  const text = [place.active ? 'a' : 'f', place.startedAt, place.id].join(' ');
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Of `sessionCursor`; to callers it means nothing. */
export const SessionCursor = z
  .string()
  .max(200)
  .transform((text, context): SessionPlace => {
    const parts = Parts.safeParse(decode(text));
    if (parts.success) {
      const [state, startedAt, id] = parts.data;
      return { active: state === 'a', startedAt, id };
    }
    context.addIssue({ code: 'custom', message: 'is none that GET /sessions gave. Start without one.' });
    return z.NEVER;
  });

function decode(text: string): string[] {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/')).split(' ');
  } catch {
    return [];
  }
}
