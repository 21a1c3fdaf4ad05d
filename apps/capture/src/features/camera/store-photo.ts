import type { DeviceQc, Outbox } from '@spinbay/outbox';
import type { Photo, PhotoMeasures, Shot } from '../../platform/camera.ts';
import type { Picture } from '../../platform/picture.ts';
import { recordEvent } from '../outbox/record-event.ts';
import type { SessionSlot } from '../session/session-slots.ts';

interface NewShot {
  readonly imageId: string;
  readonly sessionId: string;
  readonly slot: SessionSlot;
  readonly shot: Shot;
  readonly judge: (measures: PhotoMeasures, photo: Photo) => DeviceQc;
}

/**
 * Writes a photo from memory to disk. The photo is safe when this resolves.
 * @returns which frame of the burst is the photo, or null for a single frame
 */
export async function storePhoto(
  outbox: Pick<Outbox<Picture>, 'addPhoto' | 'addEvent'>,
  { imageId, sessionId, slot, shot, judge }: NewShot,
): Promise<{ readonly taken: number; readonly of: number } | null> {
  const photo = await shot.photo;
  // The check is usually done by now. If not, the photo does not wait for it.
  const measures = await Promise.race([shot.measures, Promise.resolve(null)]);
  const pick = await shot.burst;
  const qc = measures && judge(measures, photo);
  await outbox.addPhoto({
    image_id: imageId,
    session_id: sessionId,
    ...(slot.angleDeg !== null && { angle_deg: slot.angleDeg }),
    ...(slot.shotName !== null && { shot_name: slot.shotName }),
    captured_at: shot.capturedAt.toISOString(),
    content_type: 'image/jpeg',
    original: photo.original,
    preview: photo.preview,
    ...(qc && { qc }),
  });
  await recordEvent(outbox, {
    entity_type: 'image',
    entity_id: imageId,
    type: 'capture.shutter',
    meta: {
      slot: slot.key,
      bytes: photo.original.size,
      ...(qc && { verdict: qc.verdict, reasons: qc.reasons }),
      ...(pick && { burst_taken: pick.best + 1, burst_edge_widths: pick.widths }),
    },
    at: shot.capturedAt.toISOString(),
  });
  return pick && { taken: pick.best + 1, of: pick.widths.length };
}
