import { bytesKey, type EventRow, type FileEntry, type PhotoRow, rowVersion, type SessionRow } from '../core/rows.ts';
import type { Change, OutboxPorts } from '../ports.ts';
import type { LocalEvent, NewPhoto, NewSession } from '../types.ts';

/** The row of a new session. */
export function sessionRow(session: NewSession, org_id: string | null, seq: number): SessionRow {
  const { id, site_id, vehicle, mode, shot_list, turntable, created_at, on_server } = session;
  return {
    kind: 'session',
    v: rowVersion,
    ...{ id, seq, org_id, site_id, vehicle, mode, shot_list, created_at },
    ...(turntable === undefined ? {} : { turntable }),
    status: 'active',
    ended_at: null,
    server_status: on_server === true ? 'active' : null,
    stuck: null,
  };
}

/** A photo's row and bytes, to be written in one transaction. */
export function photoChange<Bytes>(photo: NewPhoto<Bytes>, seq: number, ports: OutboxPorts<Bytes>): Change<Bytes> {
  const { image_id: id, session_id, content_type, original, preview } = photo;
  const file = (bytes: Bytes): FileEntry => ({
    size: ports.sizeOf(bytes),
    sha256: null,
    held: true,
    sends: 0,
    progress: { state: 'waiting' },
  });
  const row: PhotoRow = {
    kind: 'photo',
    v: rowVersion,
    ...{ id, seq, session_id, content_type },
    angle_deg: photo.angle_deg ?? null,
    shot_name: photo.shot_name ?? null,
    captured_at: photo.captured_at ?? null,
    captured_by: photo.captured_by ?? 'camera',
    file_name: photo.file_name ?? `${id}.${content_type === 'image/heic' ? 'heic' : 'jpg'}`,
    qc: photo.qc ?? null,
    original: file(original),
    preview: preview === undefined ? null : file(preview),
    asked: false,
    without_time: false,
    visible: false,
    verdict: null,
    stuck: null,
  };
  return {
    row,
    put: {
      [bytesKey(id, 'original')]: original,
      ...(preview === undefined ? {} : { [bytesKey(id, 'preview')]: preview }),
    },
  };
}

export function eventRow(event: LocalEvent, org_id: string | null, id: string, seq: number): EventRow {
  const { entity_type, entity_id, type, message, meta, at } = event;
  return {
    kind: 'event',
    v: rowVersion,
    ...{ id, seq, org_id, entity_type, entity_id, type },
    ...(message === undefined ? {} : { message }),
    ...(meta === undefined ? {} : { meta }),
    occurred_at: at,
  };
}
