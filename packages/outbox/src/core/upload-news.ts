import type { PhotoRow } from './rows.ts';

/** What the server is told of a photo beside the photo itself. */
export interface UploadNews {
  readonly type: 'upload.succeeded' | 'upload.failed';
  readonly meta: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** @returns null where the change is none that anybody reports */
export function uploadNews(before: PhotoRow, after: PhotoRow): UploadNews | null {
  const { original, stuck } = after;
  if (original.progress.state === 'confirmed' && before.original.progress.state !== 'confirmed')
    return { type: 'upload.succeeded', meta: { bytes: original.size, sends: original.sends } };
  if (stuck === null || before.stuck !== null) return null;
  const message = stuck.detail?.slice(0, 2_000);
  return { type: 'upload.failed', meta: { reason: stuck.reason }, ...(message ? { message } : {}) };
}
