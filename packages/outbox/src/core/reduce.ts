import type { SessionStatus } from '@spinbay/contracts';
import type { Part, PartName, PartState, PhotoRow, SessionRow, Stuck } from './rows.ts';

/** What may happen to a photo after it was added. */
export type PhotoChange =
  /** The server is about to hear of it. */
  | { readonly type: 'asked' }
  | { readonly type: 'hashed'; readonly part: PartName; readonly sha256: string }
  | { readonly type: 'announced'; readonly part: PartName }
  | { readonly type: 'sent'; readonly part: PartName }
  /** It did not arrive after all: it is to be sent again. */
  | { readonly type: 'lost'; readonly part: PartName }
  | { readonly type: 'seen'; readonly image: SeenImage }
  | { readonly type: 'time_refused' }
  | { readonly type: 'preview_dropped' }
  | { readonly type: 'original_deleted' }
  | { readonly type: 'stuck'; readonly stuck: Stuck }
  | { readonly type: 'retried' };

/** What the server says of a frame. */
export interface SeenImage {
  /** Something of it is shown, or it was found to be unreadable. */
  readonly settled: boolean;
  /** `rejected`: its bytes are there, and are no picture that can be read. */
  readonly original: 'awaited' | 'processed' | 'rejected';
  readonly status: string;
  /** Of what it shows. */
  readonly sha256: string | null;
}

export type SessionChange =
  | { readonly type: 'created' }
  | { readonly type: 'ended'; readonly status: 'completed' | 'abandoned'; readonly at: string }
  | { readonly type: 'reopened' }
  /** The server knows it as this. */
  | { readonly type: 'told'; readonly status: SessionStatus }
  | { readonly type: 'stuck'; readonly stuck: Stuck }
  | { readonly type: 'retried' };

/** @returns the same object where nothing changes */
export function reducePhoto(row: PhotoRow, change: PhotoChange): PhotoRow {
  switch (change.type) {
    case 'asked':
      return row.asked ? row : { ...row, asked: true };
    case 'hashed':
      return withPart(row, change.part, (part) => ({ ...part, sha256: change.sha256 }));
    case 'announced':
      return advance(row, change.part, ['waiting'], { state: 'announced' });
    case 'sent':
      return withPart(row, change.part, (part) => {
        if (part.progress.state === 'confirmed') return part;
        return { ...part, progress: { state: 'sent' }, sends: part.sends + 1 };
      });
    case 'lost':
      return advance(row, change.part, ['announced', 'sent'], { state: 'waiting' });
    case 'seen':
      return seen(row, change.image);
    case 'time_refused':
      return row.without_time ? row : { ...row, without_time: true };
    case 'preview_dropped':
      return advance(row, 'preview', ['waiting', 'announced'], { state: 'dropped' });
    case 'original_deleted':
      return withPart(row, 'original', (part) => (part.held ? { ...part, held: false } : part));
    case 'stuck':
      return row.original.progress.state === 'confirmed' ? row : { ...row, stuck: change.stuck };
    case 'retried':
      return row.stuck === null ? row : { ...row, stuck: null };
  }
}

export function reduceSession(row: SessionRow, change: SessionChange): SessionRow {
  switch (change.type) {
    case 'created':
      return row.told === null ? { ...row, told: 'active', stuck: null } : row;
    case 'ended':
      return { ...row, status: change.status, ended_at: change.at };
    case 'reopened':
      return row.status === 'active' ? row : { ...row, status: 'active', ended_at: null };
    case 'told':
      return row.told === change.status ? row : { ...row, told: change.status, stuck: null };
    case 'stuck':
      return { ...row, stuck: change.stuck };
    case 'retried':
      return row.stuck === null ? row : { ...row, stuck: null };
  }
}

function seen(row: PhotoRow, image: SeenImage): PhotoRow {
  if (!image.settled) return row;
  const shown = row.visible && row.verdict === image.status ? row : { ...row, visible: true, verdict: image.status };
  if (image.original === 'awaited' || row.original.progress.state === 'confirmed') return shown;
  // Of a rejected original the server shows the preview: then there is no digest to compare, and the bytes are kept.
  if (image.original === 'processed' && image.sha256 !== row.original.sha256)
    return { ...shown, stuck: { reason: 'digest_differs', detail: 'The server has another photo under this id.' } };
  return { ...shown, stuck: null, original: { ...row.original, progress: { state: 'confirmed' } } };
}

function advance(row: PhotoRow, name: PartName, from: readonly PartState['state'][], progress: PartState): PhotoRow {
  return withPart(row, name, (part) => (from.includes(part.progress.state) ? { ...part, progress } : part));
}

function withPart(row: PhotoRow, name: PartName, change: (part: Part) => Part): PhotoRow {
  const part = name === 'original' ? row.original : row.preview;
  if (part === null) return row;
  const next = change(part);
  return next === part ? row : { ...row, [name]: next };
}
