import { isFailure, type Routes, slotFromFileName, slotKey } from '@spinbay/contracts';
import { reserveImage } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

/** Lifetime of an upload URL, in seconds. */
const uploadSeconds = 15 * 60;

export const presignImage: Handler<Routes['presignImage']> = async ({ body, principal, org }, { objects }) => {
  const named = body.angle_deg !== undefined || body.shot_name !== undefined;
  const slot = named
    ? { angle_deg: body.angle_deg ?? null, shot_name: body.shot_name ?? null }
    : slotFromFileName(body.file_name);
  const now = new Date();
  const reserved = await org.transact((tx) =>
    reserveImage(tx, {
      sessionId: body.session_id,
      imageId: body.image_id,
      slot,
      contentType: body.content_type,
      sha256: body.content_sha256,
      capturedAt: body.captured_at === undefined ? undefined : new Date(body.captured_at),
      uploadExpiresAt: new Date(now.getTime() + uploadSeconds * 1000),
    }),
  );
  if (isFailure(reserved)) return reserved;
  const signed = await objects.presignPut(
    reserved.storageKey,
    {
      contentType: body.content_type,
      sha256Hex: body.content_sha256,
      contentLength: body.content_length,
      expiresInSeconds: uploadSeconds,
      // What the worker needs to make the row should it not find one.
      tags: {
        org_id: principal.orgId,
        site_id: reserved.siteId,
        session_id: body.session_id,
        image_id: reserved.id,
        slot: slotKey(reserved.slot),
      },
    },
    now,
  );
  return {
    status: 200,
    body: {
      image_id: reserved.id,
      status: reserved.status,
      upload_url: signed.url,
      storage_key: reserved.storageKey,
      headers: signed.headers,
      expires_at: signed.expiresAt.toISOString(),
    },
  };
};
