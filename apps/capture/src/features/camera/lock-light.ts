import type { Outbox } from '@spinbay/outbox';
import type { Camera, CameraLock } from '../../platform/camera.ts';
import { recordEvent } from '../outbox/record-event.ts';

/** Locks exposure and white balance, and records the result. A camera that answers with an error has failed to lock them. */
export async function lockLight(
  camera: Pick<Camera, 'lock' | 'label' | 'width' | 'height'>,
  outbox: Pick<Outbox, 'addEvent'>,
  sessionId: string,
): Promise<CameraLock> {
  const result = await camera.lock().catch((): CameraLock => ({ exposure: 'failed', white_balance: 'failed' }));
  await recordEvent(outbox, {
    entity_type: 'session',
    entity_id: sessionId,
    type: 'capture.lock',
    meta: { ...result, camera: camera.label, width: camera.width, height: camera.height },
    at: new Date().toISOString(),
  });
  return result;
}
