import { ApiError } from '@spinbay/client';
import type { EventId, ImageId, SessionId, SiteId } from '@spinbay/contracts';
import type { Gate } from '../core/faults.ts';
import { isUnconfirmed, type Previews, photosBySession } from '../core/plan.ts';
import type { SeenImage } from '../core/reduce.ts';
import { bytesKey, type PartName, type PhotoRow, partOf } from '../core/rows.ts';
import { BytesMissing, type OutboxPorts } from '../ports.ts';
import type { Ledger } from './ledger.ts';

/** What a step works with. */
export interface StepContext<Bytes> {
  readonly ports: OutboxPorts<Bytes>;
  readonly ledger: Ledger<Bytes>;
  readonly signal: AbortSignal;
  /** One photo after the other: each is read whole. */
  readonly hash: (bytes: Bytes) => Promise<string>;
  /** A time of this device as the server's clock has it. */
  readonly serverTime: (iso: string) => string;
  readonly previews: Previews;
  readonly foundPreviews: (previews: Previews) => void;
  /** The `Date` header of a reply. */
  readonly heard: (date: string | undefined) => void;
  /** Who is asked from now on. */
  readonly asking: (gate: Gate) => void;
  readonly answered: (gate: Gate) => void;
  readonly onProgress: (sentBytes: number, totalBytes: number) => void;
}

export async function createSession<Bytes>(context: StepContext<Bytes>, id: string): Promise<void> {
  const { ledger, ports, signal, heard, answered } = context;
  const row = ledger.session(id);
  if (row === undefined || row.told !== null) return;
  const { site_id, vehicle, mode, shot_list } = row;
  const body = { id: id as SessionId, site_id: site_id as SiteId, vehicle, mode, shot_list };
  const { headers } = await ports.api.createSession({ body }, { signal });
  heard(headers.date);
  answered('api');
  await ledger.changeSession(id, { type: 'created' });
}

export async function endSession<Bytes>(context: StepContext<Bytes>, id: string, withoutTime: boolean): Promise<void> {
  const { ledger, ports, signal } = context;
  const row = ledger.session(id);
  if (row === undefined || row.status === 'active' || row.told === row.status) return;
  const at = withoutTime || row.ended_at === null ? undefined : context.serverTime(row.ended_at);
  const body = {
    status: row.status,
    ...(at === undefined ? {} : row.status === 'completed' ? { completed_at: at } : { abandoned_at: at }),
  };
  await ports.api.updateSession({ params: { session_id: id as SessionId }, body }, { signal });
  context.answered('api');
  await ledger.changeSession(id, { type: 'told', status: row.status });
}

/**
 * Reopens a session that somebody completed while photos of it were on their way here.
 * @returns false where it was abandoned: its photos wait for a person, unless one has said to go on (`force`)
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
  await ledger.changeSession(id, { type: 'told', status: 'active' });
  return true;
}

/** Announces one file of a photo and sends its bytes. What arrived in an earlier run is not sent again. */
export async function sendPart<Bytes>(context: StepContext<Bytes>, id: string, name: PartName): Promise<void> {
  const { ledger, ports, signal } = context;
  const asked = await ledger.changePhoto(id, { type: 'asked' });
  if (asked === undefined || asked.stuck !== null) return;
  // To an older server every file is an original. One that has the original's digest refuses the preview's; had it the
  // preview's first, it would refuse the original.
  if (name === 'preview' && context.previews === 'unknown') {
    const first = await announce(context, id, 'original');
    if (first === null) return;
  }
  const announced = await announce(context, id, name);
  if (announced === null) return;
  const { reserved, bytes, size } = announced;
  // Any other status, one of a later server too: these bytes are there.
  if (reserved.status === 'pending' || reserved.status === 'expired') {
    context.asking('store');
    await ports.upload(reserved, bytes, (sent) => context.onProgress(sent, size), signal);
    context.answered('store');
    context.asking('api');
    const params = { image_id: reserved.image_id };
    if (reserved.confirm_upload) await ports.api.confirmUpload({ params, body: { kind: name } }, { signal });
  }
  await ledger.changePhoto(id, { type: 'sent', part: name });
}

/** @returns null where there is nothing to send: the photo is gone, or the server knows its bytes as another photo */
async function announce<Bytes>(context: StepContext<Bytes>, id: string, name: PartName) {
  const { ledger, ports, signal } = context;
  const bytes = await ports.store.bytes(bytesKey(id, name));
  if (bytes === undefined) throw new BytesMissing('The photo is not on this device any more.');
  let photo = ledger.photo(id);
  if (photo !== undefined && partOf(photo, name)?.sha256 === null)
    photo = await ledger.changePhoto(id, { type: 'hashed', part: name, sha256: await context.hash(bytes) });
  const part = photo && partOf(photo, name);
  if (photo === undefined || part == null || part.sha256 === null) return null;
  const body = presignBody(context, photo, name, part.sha256, part.size);
  const reply = await ports.api.presignImage({ body }, { signal }).catch((error: unknown) => {
    const isConflict = error instanceof ApiError && error.code === 'image_conflict';
    if (name === 'preview' && isConflict && context.previews === 'unknown') context.foundPreviews('not_taken');
    throw error;
  });
  context.heard(reply.headers.date);
  context.answered('api');
  if (name === 'preview') context.foundPreviews('taken');
  if (reply.body.image_id !== id) {
    const stuck = { reason: 'duplicate', detail: reply.body.image_id } as const;
    await ledger.changePhoto(id, name === 'preview' ? { type: 'preview_dropped' } : { type: 'stuck', stuck });
    return null;
  }
  await ledger.changePhoto(id, { type: 'announced', part: name });
  return { reserved: reply.body, bytes, size: part.size };
}

function presignBody<Bytes>(
  context: StepContext<Bytes>,
  photo: PhotoRow,
  name: PartName,
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
  // Malformed ones were refused alone, and would be again.
  for (const { id } of rows) await ledger.change(id, () => ({ row: null }));
}

/** What the server says of the photos of a session. */
export interface Confirmation {
  readonly etag: string | undefined;
  readonly changed: boolean;
  /** Photos whose bytes it has found in its store. */
  readonly stored: readonly string[];
}

/** Asks the server what became of the photos of a session. */
export async function confirmPhotos<Bytes>(
  { ledger, ports, signal, heard, answered }: StepContext<Bytes>,
  session_id: string,
  etag: string | undefined,
): Promise<Confirmation> {
  const query = { session_id: session_id as SessionId, superseded: 'true', limit: 200 };
  const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag };
  const waiting = (photosBySession(ledger.rows.values()).get(session_id) ?? []).filter(isUnconfirmed);
  const first = await ports.api.listImages({ query }, { signal, headers });
  heard(first.headers.date);
  answered('api');
  if (first.body === null) return { etag, changed: false, stored: [] };
  const images = [...first.body.items];
  while (images.length < first.body.total) {
    const more = await ports.api.listImages({ query: { ...query, offset: images.length } }, { signal });
    if (more.body === null || more.body.items.length === 0) break;
    images.push(...more.body.items);
  }
  const byId = new Map(images.map((image) => [image.id as string, seenImage(image)]));
  for (const photo of waiting) {
    const image = byId.get(photo.id);
    if (image === undefined) continue;
    if (image.isLost) await ledger.changePhoto(photo.id, { type: 'lost', part: 'original' });
    await ledger.changePhoto(photo.id, { type: 'seen', image });
  }
  const stored = [...byId].flatMap(([id, { isStored }]) => (isStored ? [id] : []));
  return { etag: first.headers.etag, changed: true, stored };
}

/** What an image is as an older server sends it, or one that knows previews. */
interface ImageFacts {
  readonly status: string;
  readonly hash_sha256: string | null;
  readonly uploaded_at: string | null;
  readonly shown_upload?: string | null;
  readonly original_state?: string | null;
}

function seenImage(image: ImageFacts): SeenImage & { readonly isLost: boolean; readonly isStored: boolean } {
  const { status, hash_sha256, uploaded_at, shown_upload } = image;
  const settled = status !== 'pending' && status !== 'expired';
  // Null where the original was not announced, and left out by a server that knows no previews.
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
