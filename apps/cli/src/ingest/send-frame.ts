import { readFile } from 'node:fs/promises';
import { ApiError, type Client, uploadAndConfirm } from '@spinbay/client';
import type { CapturedBy, ContentType, ImageId, SessionId, Slot } from '@spinbay/contracts';
import { retry } from './retry.ts';

/** A photo that has a slot and can be sent. */
export interface FrameToSend {
  readonly file: string;
  readonly path: string;
  readonly contentType: ContentType;
  readonly slot: Slot;
  readonly size: number;
  readonly sha256: string;
  readonly capturedAt: Date | null;
  readonly capturedBy: CapturedBy;
}

/** `slot` is the one that the server has. */
export type Sent =
  | { readonly kind: 'sent' | 'known'; readonly imageId: ImageId; readonly slot: Slot }
  | { readonly kind: 'refused'; readonly why: string };

/** Reserves a frame and uploads its bytes, over every fault that may pass. Bytes that arrived in an earlier run are not sent again. */
export async function sendFrame(client: Client, sessionId: SessionId, frame: FrameToSend): Promise<Sent> {
  const body = {
    session_id: sessionId,
    file_name: frame.file.slice(-255),
    content_type: frame.contentType,
    content_sha256: frame.sha256,
    content_length: frame.size,
    ...(frame.slot.angle_deg === null ? {} : { angle_deg: frame.slot.angle_deg }),
    ...(frame.slot.shot_name === null ? {} : { shot_name: frame.slot.shot_name }),
    ...(frame.capturedAt === null ? {} : { captured_at: frame.capturedAt.toISOString() }),
    captured_by: frame.capturedBy,
  };
  try {
    const send = () => presignAndUpload(client, body, frame.path);
    return await retry(send).catch(async (error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 'session_not_active') throw error;
      // An earlier run completed the session; new photos in its folder are meant to be part of it.
      await client.updateSession({ params: { session_id: sessionId }, body: { status: 'active' } });
      return retry(send);
    });
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return { kind: 'refused', why: error.message };
    return { kind: 'refused', why: `${(error as Error).message} Run the same command again to go on.` };
  }
}

async function presignAndUpload(
  client: Client,
  body: Parameters<Client['presignImage']>[0]['body'],
  path: string,
): Promise<Sent> {
  const { body: reserved } = await client.presignImage({ body });
  const { image_id: imageId, angle_deg, shot_name } = reserved;
  const frame = { imageId, slot: { angle_deg, shot_name } };
  if (reserved.status !== 'pending') return { kind: 'known', ...frame };
  await uploadAndConfirm(client, reserved, 'original', new Uint8Array(await readFile(path)));
  return { kind: 'sent', ...frame };
}
