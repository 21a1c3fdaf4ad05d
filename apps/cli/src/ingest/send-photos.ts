import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@spinbay/client';
import { type CapturedBy, type ContentType, ImageId, type Session, type Slot } from '@spinbay/contracts';
import { makePreview } from '@spinbay/imaging/preview';
import { type LocalPhoto, previewLongSide } from '@spinbay/outbox';
import { type FileOutbox, openFileOutbox, type PhotoFile } from '@spinbay/outbox/node';
import { v5 } from 'uuid';

/** A readable photo with a slot. */
export interface PhotoToSend {
  readonly file: string;
  readonly path: string;
  readonly contentType: ContentType;
  readonly slot: Slot;
  readonly size: number;
  readonly sha256: string;
  readonly capturedAt: Date | null;
  readonly capturedBy: CapturedBy;
}

export type Sent =
  | { readonly kind: 'sent'; readonly imageId: ImageId; readonly slot: Slot }
  | { readonly kind: 'refused'; readonly why: string };

const uploadsAtOnce = 4;
/**
 * In pixels. All photos of a folder are added before the speed of the link is known, so this is the smallest size, at which
 * 24 previews fit a 3G link.
 */
const previewSide = previewLongSide(0);
/** Without progress for this long, the command ends and suggests running it again. */
const stallTimeoutMs = 120_000;

/** The outbox of one session. It retries what an earlier run left unfinished. */
export async function openSessionOutbox(client: Client, folder: string, session: Session): Promise<FileOutbox> {
  const outbox = await openFileOutbox({ client, folder, tuning: { originals: uploadsAtOnce } });
  await outbox.addSession({
    ...{ id: session.id, site_id: session.site_id, mode: session.mode, shot_list: session.shot_list },
    vehicle: {},
    created_at: session.created_at,
    on_server: true,
  });
  outbox.start();
  return outbox;
}

/** The same photo of the same session has the same id in every run. */
export function imageIdOf(sessionId: string, sha256: string): string {
  return v5(sha256, sessionId);
}

export async function addPhoto(
  outbox: FileOutbox,
  sessionId: string,
  photo: PhotoToSend,
  withPreview: boolean,
): Promise<string> {
  const { file, path, contentType, slot, size, sha256, capturedAt, capturedBy } = photo;
  const image_id = imageIdOf(sessionId, sha256);
  const original = { path, size, sha256 };
  outbox.locate(image_id, original);
  const isKnown = photosById(outbox).has(image_id);
  const preview = withPreview && !isKnown ? await storePreview(outbox, image_id, path) : null;
  await outbox.addPhoto({
    ...(preview === null ? {} : { preview }),
    ...{ image_id, session_id: sessionId, original, content_type: contentType, captured_by: capturedBy },
    file_name: file.slice(-255),
    ...(slot.angle_deg === null ? {} : { angle_deg: slot.angle_deg }),
    ...(slot.shot_name === null ? {} : { shot_name: slot.shot_name }),
    ...(capturedAt === null ? {} : { captured_at: capturedAt.toISOString() }),
  });
  return image_id;
}

/** @returns null if there is no preview, or no room for it: the original is sent alone */
async function storePreview(outbox: FileOutbox, image_id: string, path: string): Promise<PhotoFile | null> {
  const jpeg = await makePreview(path, previewSide);
  return jpeg === null ? null : outbox.storePreview(image_id, jpeg).catch(() => null);
}

/**
 * Sends photos and retries after temporary failures. Does not resend bytes that arrived in an earlier run.
 * @returns the outcome of each photo, in order
 */
export async function sendPhotos(
  outbox: FileOutbox,
  sessionId: string,
  photos: readonly PhotoToSend[],
  { withPreviews, onProgress }: { withPreviews: boolean; onProgress: (settled: number, visible: number) => void },
): Promise<Sent[]> {
  const ids = await Promise.all(photos.map((photo) => addPhoto(outbox, sessionId, photo, withPreviews)));
  // Photos that an earlier run sent without confirmation may have been lost.
  const before = photosById(outbox);
  const unconfirmed = new Set(ids.filter((id) => before.get(id)?.upload.state === 'uploaded'));
  outbox.retry();
  let last = '';
  let lastChange = performance.now();
  for (;;) {
    const state = outbox.state();
    const found = photosById(outbox);
    const uploads = ids.map((id) => found.get(id)?.upload);
    const settled = ids.filter((id) => isSettled(found.get(id)?.upload.state, unconfirmed.has(id))).length;
    onProgress(settled, ids.filter((id) => found.get(id)?.visible === true).length);
    const now = JSON.stringify(uploads.map((upload) => ({ ...upload, problem: undefined, cause: undefined })));
    if (now !== last) lastChange = performance.now();
    last = now;
    const isOver = settled === ids.length || state.signedOut || performance.now() - lastChange > stallTimeoutMs;
    if (isOver) return photos.map((photo, k) => sentOf(photo, found.get(ids[k] ?? ''), state.signedOut));
    await nextChange(outbox);
  }
}

function photosById(outbox: FileOutbox): Map<string, LocalPhoto> {
  return new Map(outbox.state().sessions.flatMap(({ photos }) => photos.map((photo) => [photo.image_id, photo])));
}

function isSettled(state: LocalPhoto['upload']['state'] | undefined, isUnconfirmed: boolean): boolean {
  return state === 'processed' || state === 'stuck' || (state === 'uploaded' && !isUnconfirmed);
}

function sentOf({ slot }: PhotoToSend, photo: LocalPhoto | undefined, signedOut: boolean): Sent {
  const upload = photo?.upload;
  if (photo !== undefined && (upload?.state === 'uploaded' || upload?.state === 'processed'))
    return { kind: 'sent', imageId: ImageId.parse(photo.image_id), slot };
  if (upload?.state === 'stuck') {
    // An earlier version of this command sent these bytes under an id that the server chose.
    if (upload.reason === 'duplicate') return { kind: 'sent', imageId: ImageId.parse(upload.detail), slot };
    return { kind: 'refused', why: upload.detail ?? upload.reason };
  }
  const why = signedOut ? 'the server no longer accepts the token of this device.' : problemOf(upload);
  return { kind: 'refused', why: `${why} Run the same command again to continue.` };
}

function problemOf(upload: LocalPhoto['upload'] | undefined): string {
  return (upload?.state === 'waiting' ? upload.problem : undefined) ?? 'it could not be sent in time.';
}

/** Waits for the next change, half a second at most. */
async function nextChange(outbox: FileOutbox): Promise<void> {
  const controller = new AbortController();
  const unsubscribe = outbox.subscribe(() => controller.abort());
  await sleep(500, undefined, { signal: controller.signal }).catch(() => undefined);
  unsubscribe();
}
