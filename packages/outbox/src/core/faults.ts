import { ApiError, ConnectionError, UnreadableReply, UploadRefused } from '@spinbay/client';
import { lookUp } from '@spinbay/contracts';
import { BytesMissing, StorageFull } from '../ports.ts';
import type { Cause, Problem, Stuck } from '../types.ts';

/** How the outbox reacts to an error. */
export type Fault =
  | { readonly kind: 'unauthorized' }
  /** Goes away by itself. `service` is the service that is unavailable, or null if only this item is affected. */
  | {
      readonly kind: 'transient';
      readonly service: Service | null;
      /** How many milliseconds to wait before a retry, if the API named them. */
      readonly after: number | null;
      readonly problem: Problem;
      /** No reply came from the API or the object store: the network, a certificate or the server is at fault. */
      readonly isUnanswered: boolean;
    }
  /**
   * The store refused the signed URL, which may have expired, or the bytes arrived damaged. The upload is presigned again,
   * up to a limit.
   */
  | { readonly kind: 'upload_refused'; readonly problem: Problem }
  | { readonly kind: 'time_refused' }
  | { readonly kind: 'session_closed'; readonly problem: Problem }
  | { readonly kind: 'refused'; readonly stuck: Stuck };

/** A service whose outage affects all items. */
export type Service = 'api' | 'store';

/** @param service the service that was being called */
export function faultOf(error: unknown, service: Service): Fault {
  if (error instanceof ApiError) return apiFault(error);
  if (error instanceof UploadRefused) return storeFault(error);
  if (error instanceof ConnectionError) return transient(service, error);
  if (error instanceof UnreadableReply) return refused('update_needed', error);
  if (error instanceof BytesMissing) return refused('missing_bytes', error);
  return transient(null, error);
}

function apiFault(error: ApiError): Fault {
  const { status, code, retryAfter } = error;
  if (status === 401) return { kind: 'unauthorized' };
  // Only this item waits, and all others continue. An administrator can raise the quota at any time.
  if (code === 'storage_quota_reached' || code === 'session_quota_reached') return transient(null, error);
  if (status === 429 || status === 503)
    return {
      kind: 'transient',
      service: 'api',
      after: retryAfter === null ? null : retryAfter * 1000,
      problem: problemOf(error, 'api'),
      isUnanswered: false,
    };
  if (status === 408 || status >= 500) return transient(null, error);
  // The PUT seemed to succeed, but the answer did not come from the object store.
  if (code === 'upload_missing') return transient(null, error);
  if (code === 'session_not_active') return { kind: 'session_closed', problem: problemOf(error, 'api') };
  const isAboutTime = error.fields.some(({ path }) => /(captured|completed|abandoned)_at$/.test(path));
  if (status === 400 && isAboutTime) return { kind: 'time_refused' };
  return refused('refused', error);
}

function storeFault(error: UploadRefused): Fault {
  const { status, code } = error;
  if (status === 403 || damaged.has(code)) return { kind: 'upload_refused', problem: problemOf(error, 'store') };
  // The store never redirects. A captive portal or a proxy answered instead.
  if (status >= 300 && status < 400) return transient('store', error);
  if (status === 429 || status === 503 || status === 507) return transient('store', error);
  if (status === 408 || status >= 500 || code === 'RequestTimeout') return transient(null, error);
  return refused('refused', error);
}

/** The codes of S3 for bytes that differ from those that were announced. */
const damaged: ReadonlySet<string | null> = new Set(['BadDigest', 'XAmzContentSHA256Mismatch', 'IncompleteBody']);

function transient(service: Service | null, error: unknown): Fault {
  const isUnanswered = error instanceof ConnectionError;
  return { kind: 'transient', service, after: null, problem: problemOf(error, service ?? 'api'), isUnanswered };
}

/** An attempt was aborted because it made no progress. */
export class NoProgress extends Error {
  override readonly name = 'NoProgress';
}

/** @param service the service that was being called */
export function problemOf(error: unknown, service: Service): Problem {
  return { message: messageOf(error), cause: causeOf(error, service) };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** By S3 error code. */
const storeCauses: Readonly<Record<string, Cause>> = {
  BadDigest: 'file_changed',
  InsufficientStorage: 'store_full',
  NoSuchBucket: 'store_missing',
  RequestTimeTooSkewed: 'clock_differs',
};

function causeOf(error: unknown, service: Service): Cause | null {
  if (error instanceof ApiError) return error.code === 'unknown' ? null : error.code;
  if (error instanceof UploadRefused) return lookUp(storeCauses, error.code ?? '', 'store_refused');
  if (error instanceof ConnectionError) return service === 'api' ? 'server_silent' : 'store_silent';
  if (error instanceof StorageFull) return 'device_full';
  return error instanceof NoProgress ? 'no_progress' : null;
}

function refused(reason: Stuck['reason'], error: Error): Fault {
  return { kind: 'refused', stuck: stuckFor(reason, problemOf(error, 'api')) };
}

export function stuckFor(reason: Stuck['reason'], { message, cause }: Problem): Stuck {
  return { reason, detail: message, ...(cause === null ? {} : { cause }) };
}
