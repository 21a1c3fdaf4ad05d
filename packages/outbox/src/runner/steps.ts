import { ApiError } from '@spinbay/client';
import type { EventId, ImageId, SessionId, SiteId, UploadKind } from '@spinbay/contracts';
import type { Service } from '../core/faults.ts';
import { isUnconfirmed, type Previews, photosBySession } from '../core/plan.ts';
import type { ServerImage } from '../core/reduce.ts';
import { bytesKey, fileOf, type PhotoRow } from '../core/rows.ts';
import { BytesMissing, type OutboxPorts } from '../ports.ts';
import type { Ledger } from './ledger.ts';

/** The dependencies of a step. */
export interface StepContext<Bytes> {
  readonly ports: OutboxPorts<Bytes>;
  readonly ledger: Ledger<Bytes>;
  readonly signal: AbortSignal;
  /** Hashes one photo at a time, because it reads the whole photo into memory. */
  readonly hash: (bytes: Bytes) => Promise<string>;
  /** Converts a time of the device's clock to the server's clock. */
  readonly serverTime: (iso: string) => string;
  readonly previews: Previews;
  readonly setPreviews: (previews: Previews) => void;
  /** Call with the `Date` header of a reply. */
  readonly sawDate: (date: string | undefined) => void;
  /** Call before a request to another service. */
  readonly calling: (service: Service) => void;
  readonly answered: (service: Service) => void;
  readonly onProgress: (sentBytes: number, totalBytes: number) => void;
}

export async function createSession<Bytes>(context: StepContext<Bytes>, id: string): Promise<void> {
  const { ledger, ports, signal, sawDate, answered } = context;
  const row = ledger.session(id);
  if (row === undefined || row.server_status !== null) return;
  const { site_id, vehicle, mode, shot_list, turntable } = row;
  const body = { id: id as SessionId, site_id: site_id as SiteId, vehicle, mode, shot_list, turntable };
  const { headers } = await ports.api.createSession({ body }, { signal });
  sawDate(headers.date);
  answered('api');
  await ledger.changeSession(id, { type: 'created' });
}

export async function endSession<Bytes>(context: StepContext<Bytes>, id: string, withoutTime: boolean): Promise<void> {
  const { ledger, ports, signal } = context;
  const row = ledger.session(id);
  if (row === undefined || row.status === 'active' || row.server_status === row.status) return;
  const at = withoutTime || row.ended_at === null ? undefined : context.serverTime(row.ended_at);
  const body = {
    status: row.status,
    ...(at === undefined ? {} : row.status === 'completed' ? { completed_at: at } : { abandoned_at: at }),
  };
  await ports.api.updateSession({ params: { session_id: id as SessionId }, body }, { signal });
  context.answered('api');
  await ledger.changeSession(id, { type: 'synced', status: row.status });
}

/**
 * Reopens a session that was completed while this device still had photos for it.
 * @param force reopens an abandoned session, too. Set when a person retries.
 * @returns false if the session was abandoned and stays so
 */
export async function reopenSession<Bytes>(
  { ledger, ports, signal, answered }: StepContext<Bytes>,
  id: string,
  force: boolean,
): Promise<boolean> {
  const params = { session_id: id as SessionId };
  const { body } = await ports.api.getSession({ params }, { signal });
  answered('api');
  if (body.status !== 'active') {
    if (body.status !== 'completed' && !force) return false;
    await ports.api.updateSession({ params, body: { status: 'active' } }, { signal });
  }
  await ledger.changeSession(id, { type: 'synced', status: 'active' });
  return true;
}

/** Announces one file of a photo and uploads it, unless it arrived in an earlier run. */
export async function sendFile<Bytes>(context: StepContext<Bytes>, id: string, name: UploadKind): Promise<void> {
  const { ledger, ports, signal } = context;
  const asked = await ledger.changePhoto(id, { type: 'asked' });
  if (asked === undefined || asked.stuck !== null) return;
  // An older server treats every file as an original and accepts one digest per photo. The original is announced first,
  // so that such a server refuses the preview and not the original.
  if (name === 'preview' && context.previews === 'unknown') {
    const first = await announce(context, id, 'original');
    if (first === null) return;
  }
  const announced = await announce(context, id, name);
  if (announced === null) return;
  const { reserved, bytes, size } = announced;
  // With any other status, including one that only a later server has, the bytes have arrived.
  if (reserved.status === 'pending' || reserved.status === 'expired') {
    context.calling('store');
    await ports.upload(reserved, bytes, (sent) => context.onProgress(sent, size), signal);
    context.answered('store');
    context.calling('api');
    const params = { image_id: reserved.image_id };
    if (reserved.confirm_upload) await ports.api.confirmUpload({ params, body: { kind: name } }, { signal });
  }
  await ledger.changePhoto(id, { type: 'sent', file: name });
}

/** @returns null if there is nothing to send: the photo was removed, or is a duplicate of another photo */
async function announce<Bytes>(context: StepContext<Bytes>, id: string, name: UploadKind) {
  const { ledger, ports, signal } = context;
  const bytes = await ports.store.bytes(bytesKey(id, name));
  if (bytes === undefined) throw new BytesMissing('The photo is no longer on this device.');
  let photo = ledger.photo(id);
  if (photo !== undefined && fileOf(photo, name)?.sha256 === null)
    photo = await ledger.changePhoto(id, { type: 'hashed', file: name, sha256: await context.hash(bytes) });
  const file = photo && fileOf(photo, name);
  if (photo === undefined || file == null || file.sha256 === null) return null;
  const body = presignBody(context, photo, name, file.sha256, file.size);
  const reply = await ports.api.presignImage({ body }, { signal }).catch((error: unknown) => {
    const isConflict = error instanceof ApiError && error.code === 'image_conflict';
    if (name === 'preview' && isConflict && context.previews === 'unknown') context.setPreviews('refused');
    throw error;
  });
  context.sawDate(reply.headers.date);
  context.answered('api');
  if (name === 'preview') context.setPreviews('accepted');
  if (reply.body.image_id !== id) {
    const stuck = { reason: 'duplicate', detail: reply.body.image_id } as const;
    await ledger.changePhoto(id, name === 'preview' ? { type: 'preview_dropped' } : { type: 'stuck', stuck });
    return null;
  }
  await ledger.changePhoto(id, { type: 'announced', file: name });
  return { reserved: reply.body, bytes, size: file.size };
}

function presignBody<Bytes>(
  context: StepContext<Bytes>,
  photo: PhotoRow,
  name: UploadKind,
  sha256: string,
  size: number,
): Parameters<OutboxPorts['api']['presignImage']>[0]['body'] {
  const { id, session_id, angle_deg, shot_name, captured_at, captured_by, file_name, without_time } = photo;
  return {
    session_id: session_id as SessionId,
    image_id: id as ImageId,
    file_name: file_name.slice(-255),
    content_type: name === 'preview' ? 'image/jpeg' : photo.content_type,
    content_sha256: sha256,
    content_length: size,
    ...(angle_deg === null ? {} : { angle_deg }),
    ...(shot_name === null ? {} : { shot_name }),
    ...(captured_at === null || without_time ? {} : { captured_at: context.serverTime(captured_at) }),
    captured_by,
    ...(name === 'preview' ? { kind: 'preview' as const } : {}),
  };
}

export async function sendEvents<Bytes>(context: StepContext<Bytes>, ids: readonly string[]): Promise<void> {
  const { ledger, ports, signal, serverTime, answered } = context;
  const rows = ids.map((id) => ledger.rows.get(id)).filter((row) => row?.kind === 'event');
  if (rows.length === 0) return;
  const body = rows.map(({ id, entity_type, entity_id, type, message, meta, occurred_at }) => ({
    id: id as EventId,
    ...{ entity_type, entity_id, type },
    ...(message === undefined ? {} : { message }),
    ...(meta === undefined ? {} : { meta }),
    occurred_at: serverTime(occurred_at),
  }));
  await ports.api.createEvents({ body }, { signal });
  answered('api');
  // The server has refused malformed events one by one. It would refuse them again, so they are dropped, too.
  for (const { id } of rows) await ledger.change(id, () => ({ row: null }));
}

/** The result of polling the photos of a session. */
export interface Confirmation {
  readonly etag: string | undefined;
  readonly changed: boolean;
  /** Photos whose original the server has found in the object store. */
  readonly stored: readonly string[];
}

/** Polls the server for the photos of a session. */
export async function confirmPhotos<Bytes>(
  { ledger, ports, signal, sawDate, answered }: StepContext<Bytes>,
  session_id: string,
  etag: string | undefined,
): Promise<Confirmation> {
  const query = { session_id: session_id as SessionId, superseded: 'true', limit: 200 };
  const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag };
  const waiting = (photosBySession(ledger.rows.values()).get(session_id) ?? []).filter(isUnconfirmed);
  const first = await ports.api.listImages({ query }, { signal, headers });
  sawDate(first.headers.date);
  answered('api');
  if (first.body === null) return { etag, changed: false, stored: [] };
  const images = [...first.body.items];
  while (images.length < first.body.total) {
    const more = await ports.api.listImages({ query: { ...query, offset: images.length } }, { signal });
    if (more.body === null || more.body.items.length === 0) break;
    images.push(...more.body.items);
  }
  const byId = new Map(images.map((image) => [image.id as string, serverImage(image)]));
  for (const photo of waiting) {
    const image = byId.get(photo.id);
    if (image === undefined) continue;
    if (image.isLost) await ledger.changePhoto(photo.id, { type: 'lost', file: 'original' });
    await ledger.changePhoto(photo.id, { type: 'seen', image });
  }
  const stored = [...byId].flatMap(([id, { isStored }]) => (isStored ? [id] : []));
  return { etag: first.headers.etag, changed: true, stored };
}

/** The fields of an image. An older server, which has no previews, leaves out the optional ones. */
interface ImageFacts {
  readonly status: string;
  readonly hash_sha256: string | null;
  readonly uploaded_at: string | null;
  readonly shown_upload?: string | null;
  readonly original_state?: string | null;
}

function serverImage(image: ImageFacts): ServerImage & { readonly isLost: boolean; readonly isStored: boolean } {
  const { status, hash_sha256, uploaded_at, shown_upload } = image;
  const settled = status !== 'pending' && status !== 'expired';
  // `original_state` is null if the original was not announced. A server without previews leaves it out.
  const implied = settled ? (shown_upload === 'preview' ? 'expected' : 'processed') : status;
  const state = image.original_state ?? implied;
  const isIn = state === 'processed' || state === 'rejected';
  return {
    settled,
    original: isIn && settled ? state : 'awaited',
    status,
    sha256: hash_sha256,
    isLost: state === 'expired',
    isStored: uploaded_at !== null && shown_upload !== 'preview',
  };
}
