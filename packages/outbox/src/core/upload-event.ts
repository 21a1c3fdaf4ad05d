import type { PhotoRow } from './rows.ts';

/** An event that tells the server how an upload went. */
export interface UploadEvent {
  readonly type: 'upload.succeeded' | 'upload.failed';
  readonly meta: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** @returns null if the change needs no event */
export function uploadEvent(before: PhotoRow, after: PhotoRow): UploadEvent | null {
  const { original, stuck } = after;
  if (original.progress.state === 'confirmed' && before.original.progress.state !== 'confirmed')
    return { type: 'upload.succeeded', meta: { bytes: original.size, sends: original.sends } };
  if (stuck === null || before.stuck !== null) return null;
  const message = stuck.detail?.slice(0, 2_000);
  return { type: 'upload.failed', meta: { reason: stuck.reason }, ...(message ? { message } : {}) };
}
