import { readFile } from 'node:fs/promises';
import { ApiError, type Client, uploadFrame } from '@spinbay/client';
import { type ImageId, maxImageBytes, type SessionId } from '@spinbay/contracts';
import { contentTypeOf, digestFile, type PlannedFrame } from './read-folder.ts';
import { tryOn } from './try-on.ts';

export type Sent =
  | { readonly kind: 'sent' | 'known'; readonly imageId: ImageId }
  | { readonly kind: 'refused'; readonly why: string };

/** Reserves a frame and uploads its bytes, over every fault that may pass. Bytes that arrived in an earlier run are not sent again. */
export async function sendFrame(client: Client, sessionId: SessionId, frame: PlannedFrame): Promise<Sent> {
  let digest: Awaited<ReturnType<typeof digestFile>>;
  try {
    digest = await digestFile(frame.path);
  } catch (error) {
    return { kind: 'refused', why: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
  if (digest.size === 0) return { kind: 'refused', why: 'is empty (0 bytes). Copy it from the camera again.' };
  if (digest.size > maxImageBytes)
    return {
      kind: 'refused',
      why: `has ${Math.ceil(digest.size / 2 ** 20)} MB; at most ${maxImageBytes / 2 ** 20} MB are taken.`,
    };
  const body = {
    session_id: sessionId,
    file_name: frame.file.slice(-255),
    content_type: contentTypeOf(frame.file) ?? 'image/jpeg',
    content_sha256: digest.sha256,
    content_length: digest.size,
    ...(frame.slot.angle_deg === null ? {} : { angle_deg: frame.slot.angle_deg }),
    ...(frame.slot.shot_name === null ? {} : { shot_name: frame.slot.shot_name }),
    captured_at: digest.capturedAt.toISOString(),
  };
  try {
    const send = () => presignAndUpload(client, body, frame.path);
    return await tryOn(send).catch(async (error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 'session_not_active') throw error;
      // An earlier run completed the session; new photos in its folder are meant to be part of it.
      await client.updateSession({ params: { session_id: sessionId }, body: { status: 'active' } });
      return tryOn(send);
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
  if (reserved.status !== 'pending') return { kind: 'known', imageId: reserved.image_id };
  await uploadFrame(reserved, new Uint8Array(await readFile(path)));
  return { kind: 'sent', imageId: reserved.image_id };
}
