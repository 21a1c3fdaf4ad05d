import type { ImageId, ImageStatus, Qc, SessionId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

export interface QcFrameRow {
  readonly id: ImageId;
  readonly session_id: SessionId;
  readonly angle_deg: number | null;
  readonly shot_name: string | null;
  readonly status: ImageStatus;
  readonly thumb_keys: Record<'150' | '600' | '1200', string> | null;
  readonly qc: Qc;
  readonly qc_version: number | null;
  readonly is_preview: boolean;
  readonly processed_at: Date;
}

/** The most recently measured frames that the caller may see, newest first. */
export function listQcFrames(tx: OrgTx, limit: number): Promise<QcFrameRow[]> {
  return tx.run(sql<QcFrameRow>`
    select i.id, i.session_id, i.angle_deg, i.shot_name, i.status, i.thumb_keys, i.qc, i.qc_version, i.processed_at,
      coalesce(shown.kind = 'preview', false) as is_preview
    from images i left join uploads shown on ${tx.ofOrg('shown')} and shown.storage_key = i.storage_key
    where ${tx.ofOrg('i')} and ${tx.ofVisibleImage('i')} and i.qc is not null and i.processed_at is not null
    order by i.processed_at desc, i.id desc limit ${limit}`);
}
