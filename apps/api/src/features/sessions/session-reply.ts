import { type Session, slotsOf } from '@spinbay/contracts';
import type { SessionRow } from '@spinbay/core';
import type { Objects } from '@spinbay/objects';
import { vehicleReply } from '../vehicles/vehicle-reply.ts';

/** A session as the API shows it. */
export async function sessionReply(row: SessionRow, objects: Objects): Promise<Session> {
  const operator =
    row.device_id === null
      ? { type: 'user' as const, id: row.user_id ?? '', name: row.user_name ?? '' }
      : { type: 'device' as const, id: row.device_id, name: row.device_name ?? '' };
  const cover =
    row.cover_image_id !== null && row.cover_key !== null
      ? {
          image_id: row.cover_image_id,
          url: await objects.presignGet(row.cover_key, { now: new Date(), group: row.id }),
        }
      : null;
  return {
    id: row.id,
    site_id: row.site_id,
    site_name: row.site_name,
    vehicle: vehicleReply({ id: row.vehicle_id, vin: row.vin, stock: row.stock, also_at: row.also_at }),
    mode: row.mode,
    status: row.status,
    shot_list: row.shot_list,
    turntable: row.turntable,
    operator,
    started_at: row.started_at.toISOString(),
    completed_at: row.completed_at?.toISOString() ?? null,
    abandoned_at: row.abandoned_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    frames: {
      expected: slotsOf(row.shot_list).length,
      pending: row.pending,
      processed: row.processed,
      failed: row.failed,
      published: row.published,
      expired: row.expired,
      warned: row.warned,
      replacements_waiting: row.replacements_waiting,
    },
    last_frame_at: row.last_frame_at?.toISOString() ?? null,
    cover,
    spin_qc: row.spin_qc,
  };
}
