import type { SessionStatus, UploadKind } from '@spinbay/contracts';
import type { Stuck } from '../types.ts';
import type { FileEntry, FileProgress, PhotoRow, SessionRow } from './rows.ts';

/** A change to a photo after it was added. */
export type PhotoChange =
  /** The first request about this photo is about to be sent. */
  | { readonly type: 'asked' }
  | { readonly type: 'hashed'; readonly file: UploadKind; readonly sha256: string }
  | { readonly type: 'announced'; readonly file: UploadKind }
  | { readonly type: 'sent'; readonly file: UploadKind }
  /** The file did not arrive. It is sent again. */
  | { readonly type: 'lost'; readonly file: UploadKind }
  | { readonly type: 'seen'; readonly image: ServerImage }
  | { readonly type: 'time_refused' }
  | { readonly type: 'preview_dropped' }
  | { readonly type: 'original_deleted' }
  | { readonly type: 'stuck'; readonly stuck: Stuck }
  | { readonly type: 'retried' };

/** The state of a photo on the server. */
export interface ServerImage {
  /** The server shows the preview or the original, or found the photo unreadable. */
  readonly settled: boolean;
  /** `rejected`: the bytes arrived, but are not a readable image. */
  readonly original: 'awaited' | 'processed' | 'rejected';
  readonly status: string;
  /** The digest of the file that the server shows. */
  readonly sha256: string | null;
}

export type SessionChange =
  | { readonly type: 'created' }
  | { readonly type: 'ended'; readonly status: 'completed' | 'abandoned'; readonly at: string }
  /** Somebody else ended it. */
  | { readonly type: 'ended_elsewhere'; readonly status: 'completed' | 'abandoned'; readonly at: string }
  /** `onServer`: the session is open on the server. */
  | { readonly type: 'reopened'; readonly onServer: boolean }
  /** The server has this status. */
  | { readonly type: 'synced'; readonly status: SessionStatus }
  | { readonly type: 'stuck'; readonly stuck: Stuck }
  | { readonly type: 'retried' };

/** @returns the same object if nothing changes */
export function reducePhoto(row: PhotoRow, change: PhotoChange): PhotoRow {
  switch (change.type) {
    case 'asked':
      return row.asked ? row : { ...row, asked: true };
    case 'hashed':
      return withFile(row, change.file, (file) => ({ ...file, sha256: change.sha256 }));
    case 'announced':
      return advance(row, change.file, ['waiting'], { state: 'announced' });
    case 'sent':
      return withFile(row, change.file, (file) => {
        if (file.progress.state === 'confirmed') return file;
        return { ...file, progress: { state: 'sent' }, sends: file.sends + 1 };
      });
    case 'lost':
      return advance(row, change.file, ['announced', 'sent'], { state: 'waiting' });
    case 'seen':
      return seen(row, change.image);
    case 'time_refused':
      return row.without_time ? row : { ...row, without_time: true };
    case 'preview_dropped':
      return advance(row, 'preview', ['waiting', 'announced'], { state: 'dropped' });
    case 'original_deleted':
      return withFile(row, 'original', (file) => (file.held ? { ...file, held: false } : file));
    case 'stuck':
      return row.original.progress.state === 'confirmed' ? row : { ...row, stuck: change.stuck };
    case 'retried':
      return row.stuck === null ? row : { ...row, stuck: null };
  }
}

export function reduceSession(row: SessionRow, change: SessionChange): SessionRow {
  switch (change.type) {
    case 'created':
      return row.server_status === null ? { ...row, server_status: 'active', stuck: null } : row;
    case 'ended':
      return { ...row, status: change.status, ended_at: change.at };
    case 'ended_elsewhere': {
      const { status, at } = change;
      return row.status === 'active' ? { ...row, status, server_status: status, ended_at: at, stuck: null } : row;
    }
    case 'reopened':
      if (row.status === 'active') return row;
      // Otherwise its next end would count as known to the server.
      return { ...row, status: 'active', ended_at: null, ...(change.onServer && { server_status: 'active' as const }) };
    case 'synced':
      return row.server_status === change.status ? row : { ...row, server_status: change.status, stuck: null };
    case 'stuck':
      return { ...row, stuck: change.stuck };
    case 'retried':
      return row.stuck === null ? row : { ...row, stuck: null };
  }
}

const anotherPhoto = 'The server has another photo under this id, and accepts no second one. Shoot it again.';

function seen(row: PhotoRow, image: ServerImage): PhotoRow {
  if (!image.settled) return row;
  const shown = row.visible && row.verdict === image.status ? row : { ...row, visible: true, verdict: image.status };
  if (image.original === 'awaited' || row.original.progress.state === 'confirmed') return shown;
  // There is nothing to compare yet. The digest is computed when the original is announced, and the reply to that says that
  // the server already has it.
  if (row.original.sha256 === null) return shown;
  // If the original is rejected, the server shows the preview. There is no digest to compare, so the bytes are kept.
  if (image.original === 'processed' && image.sha256 !== row.original.sha256)
    return { ...shown, stuck: { reason: 'digest_differs', detail: anotherPhoto } };
  return { ...shown, stuck: null, original: { ...row.original, progress: { state: 'confirmed' } } };
}

function advance(
  row: PhotoRow,
  name: UploadKind,
  from: readonly FileProgress['state'][],
  progress: FileProgress,
): PhotoRow {
  return withFile(row, name, (file) => (from.includes(file.progress.state) ? { ...file, progress } : file));
}

function withFile(row: PhotoRow, name: UploadKind, change: (file: FileEntry) => FileEntry): PhotoRow {
  const file = name === 'original' ? row.original : row.preview;
  if (file === null) return row;
  const next = change(file);
  return next === file ? row : { ...row, [name]: next };
}
