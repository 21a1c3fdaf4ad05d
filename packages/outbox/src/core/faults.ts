import { ApiError, ConnectionError, UnreadableReply, UploadRefused } from '@spinbay/client';
import { BytesMissing } from '../ports.ts';
import type { Stuck } from './rows.ts';

/** What an error means for the item that met it. */
export type Fault =
  | { readonly kind: 'unauthorized' }
  /** Passes by itself. `gate`: which part of the world it is about; null: about this item alone. */
  | { readonly kind: 'passing'; readonly gate: Gate | null; readonly after: number | null; readonly words: string }
  /** The signed URL is not good any more: presign again. */
  | { readonly kind: 'url_expired'; readonly words: string }
  | { readonly kind: 'time_refused' }
  | { readonly kind: 'session_closed'; readonly words: string }
  | { readonly kind: 'refused'; readonly stuck: Stuck };

/** A part of the world that can be away for all items at once. */
export type Gate = 'api' | 'store';

/** @param asked who was asked when it happened */
export function faultOf(error: unknown, asked: Gate): Fault {
  if (error instanceof ApiError) return apiFault(error);
  if (error instanceof UploadRefused) return storeFault(error);
  if (error instanceof ConnectionError) return passing(asked, error);
  if (error instanceof UnreadableReply) return refused('update_needed', error.message);
  if (error instanceof BytesMissing) return refused('missing_bytes', error.message);
  return passing(null, error);
}

function apiFault(error: ApiError): Fault {
  const { status, code, message, retryAfter } = error;
  if (status === 401) return { kind: 'unauthorized' };
  if (status === 429 || status === 503)
    return { kind: 'passing', gate: 'api', after: retryAfter === null ? null : retryAfter * 1000, words: message };
  if (status === 408 || status >= 500) return passing(null, error);
  // What seemed to be the store's answer to the PUT was none.
  if (code === 'upload_missing') return passing(null, error);
  if (code === 'session_not_active') return { kind: 'session_closed', words: message };
  const isAboutTime = error.fields.some(({ path }) => /(captured|completed|abandoned)_at$/.test(path));
  if (status === 400 && isAboutTime) return { kind: 'time_refused' };
  return refused('refused', message);
}

function storeFault(error: UploadRefused): Fault {
  const { status, message } = error;
  if (status === 403) return { kind: 'url_expired', words: message };
  if (status === 429 || status === 503 || status === 507) return passing('store', error);
  if (status === 408 || status >= 500 || error.code === 'RequestTimeout') return passing(null, error);
  return refused('refused', message);
}

function passing(gate: Gate | null, error: unknown): Fault {
  return { kind: 'passing', gate, after: null, words: error instanceof Error ? error.message : String(error) };
}

function refused(reason: Stuck['reason'], detail: string): Fault {
  return { kind: 'refused', stuck: { reason, detail } };
}
