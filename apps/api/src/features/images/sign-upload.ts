import {
  type FrameToPresign,
  fail,
  maxImageBytes,
  type SessionId,
  slotFromFileName,
  slotKey,
} from '@spinbay/contracts';
import type { ReservedImage, WantedFrame } from '@spinbay/core';
import type { Principal } from '@spinbay/tokens';
import type { Deps } from '../../bind/handler.ts';

/** Lifetime of an upload URL, in seconds. */
const uploadSeconds = 15 * 60;

export function uploadExpiry(now: Date): Date {
  return new Date(now.getTime() + uploadSeconds * 1000);
}

/** A frame to reserve. Its slot comes from the request, else from the file name. */
export function wantedFrame(frame: FrameToPresign) {
  const { content_length: bytes } = frame;
  if (bytes !== undefined && bytes > maxImageBytes)
    return fail('image_too_large', `It has ${bytes} bytes. At most ${maxImageBytes} are allowed.`);
  const named = frame.angle_deg !== undefined || frame.shot_name !== undefined;
  return {
    imageId: frame.image_id,
    slot: named
      ? { angle_deg: frame.angle_deg ?? null, shot_name: frame.shot_name ?? null }
      : slotFromFileName(frame.file_name),
    kind: frame.kind,
    contentType: frame.content_type,
    contentLength: bytes,
    sha256: frame.content_sha256,
    capturedAt: frame.captured_at === undefined ? undefined : new Date(frame.captured_at),
    capturedBy: frame.captured_by,
  } satisfies WantedFrame;
}

/** Signs the upload of a reserved frame: its length, type, digest and tags. */
export async function signUpload(
  { objects, uploadHints, tracing }: Pick<Deps, 'objects' | 'uploadHints' | 'tracing'>,
  upload: { frame: FrameToPresign; reserved: ReservedImage; sessionId: SessionId; principal: Principal; now: Date },
) {
  const { frame, reserved, sessionId, principal, now } = upload;
  const signed = await objects.presignPut(
    reserved.storageKey,
    {
      contentType: frame.content_type,
      sha256Hex: frame.content_sha256,
      contentLength: frame.content_length,
      expiresInSeconds: uploadSeconds,
      // The worker needs these tags to create the row if it does not find one.
      tags: {
        org_id: principal.orgId,
        site_id: reserved.siteId,
        session_id: sessionId,
        image_id: reserved.id,
        kind: frame.kind,
        slot: slotKey(reserved.slot),
      },
    },
    now,
  );
  const photo = tracing.photo({ orgId: principal.orgId, sessionId, imageId: reserved.id });
  photo.record('presign', now, new Date(), { 'spinbay.upload_kind': frame.kind });
  return {
    image_id: reserved.id,
    status: reserved.status,
    ...reserved.slot,
    upload_url: signed.url,
    storage_key: reserved.storageKey,
    headers: signed.headers,
    expires_at: signed.expiresAt.toISOString(),
    confirm_upload: uploadHints,
  };
}
