import { ApiError, ConnectionError, UnreadableReply } from '@spinbay/client';
import { texts } from '../ui/texts.ts';

/** A text about a failed call: what happened and, if known, what to do. */
export function faultWords(error: unknown): { title: string; body: string } {
  if (error instanceof ApiError) return { title: texts.faults.refused, body: error.message };
  if (error instanceof ConnectionError) return { title: texts.faults.unreachable, body: texts.faults.unreachableBody };
  if (error instanceof UnreadableReply) return { title: texts.faults.unreadable, body: texts.faults.unreadableBody };
  return { title: texts.faults.unexpected, body: error instanceof Error ? error.message : String(error) };
}

/** Whether a retry can help: no answer, an overload, a server error. */
export function isRetryable(error: unknown): boolean {
  return (
    error instanceof ConnectionError || (error instanceof ApiError && (error.status >= 500 || error.status === 429))
  );
}
