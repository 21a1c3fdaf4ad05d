import type {
  Cause,
  LocalPhoto,
  LocalSession,
  OutboxItem,
  OutboxState,
  StorageState,
  Stuck,
  UploadState,
} from '../types.ts';
import { oldestFirst, photosBySession, wantsPreview } from './plan.ts';
import { isFinished, isForeign, type PhotoRow, type Row, type SessionRow } from './rows.ts';

/** State of the runner that is not in the rows. The runner's tab sends it to the other tabs. */
export interface LiveState {
  readonly online: boolean;
  /** As `server_answers` of `OutboxState`. A tab of an earlier version of the app does not send it. */
  readonly serverAnswers?: boolean;
  readonly signedOut: boolean;
  /** Originals are held back, because the network is metered. */
  readonly previewsOnly: boolean;
  /** Bytes per second. Null: not measured yet. */
  readonly speed: number | null;
  /** Progress of the running uploads in bytes, by photo id. */
  readonly sending: Readonly<Record<string, { readonly sent: number; readonly total: number }>>;
  /** Why an item waits, by item id. */
  readonly problems: Readonly<Record<string, string>>;
  /** The codes of the problems, by item id. A tab of an earlier version of the app does not send them. */
  readonly causes?: Readonly<Record<string, Cause>>;
}

export const idleState: LiveState = {
  online: true,
  signedOut: false,
  previewsOnly: false,
  speed: null,
  sending: {},
  problems: {},
};

/** The point of view of a snapshot: the state of the runner, and the organization that the device works for. */
interface View {
  readonly live: LiveState;
  readonly orgId: string | null;
}

export function snapshotOf(rows: ReadonlyMap<string, Row>, view: View, storage: StorageState): OutboxState {
  const { live, orgId } = view;
  const photos = photosBySession(rows.values());
  const sessionRows = [...rows.values()].filter((row) => row.kind === 'session').sort((a, b) => oldestFirst(b, a));
  const sessions = sessionRows.map((row) => localSession(row, photos.get(row.id) ?? [], view));
  const events = [...rows.values()].filter((row) => row.kind === 'event' && !isForeign(row, orgId)).length;
  const items = sessionRows.flatMap((row, k) => itemsOf(row, sessions[k], live));
  if (events > 0) items.push({ id: 'events', kind: 'events', upload: waiting(live, 'events') });
  const ownPhotos = sessionRows.filter((row) => !isForeign(row, orgId)).flatMap(({ id }) => photos.get(id) ?? []);
  const bytesLeft = ownPhotos.reduce((sum, photo) => sum + unsentBytes(photo, live), 0);
  return {
    sessions,
    items,
    online: live.online,
    server_answers: live.serverAnswers !== false,
    uploading: Object.keys(live.sending).length > 0,
    ...(live.speed === null ? {} : { speed_bytes_per_s: live.speed }),
    ...(live.speed === null || live.speed === 0 ? {} : { seconds_left: bytesLeft / live.speed }),
    storage,
    signedOut: live.signedOut,
  };
}

function localSession(row: SessionRow, photos: readonly PhotoRow[], view: View): LocalSession {
  const { id, org_id, site_id, vehicle, mode, shot_list, turntable, created_at, status, ended_at, server_status } = row;
  const finished = isFinished(row) && photos.every(isFinished);
  const stuck = !finished && isForeign(row, view.orgId) ? otherOrg(row) : row.stuck;
  return {
    ...{ id, org_id, site_id, vehicle, mode, shot_list, created_at, status, ended_at, stuck, finished },
    ...(turntable === undefined ? {} : { turntable }),
    announced: server_status !== null,
    photos: photos.map((photo) => localPhoto(photo, row, view)),
  };
}

function otherOrg({ org_id }: SessionRow): Stuck {
  return { reason: 'other_org', ...(org_id === null ? {} : { detail: org_id }) };
}

function localPhoto(row: PhotoRow, session: SessionRow, view: View): LocalPhoto {
  const { id, session_id, angle_deg, shot_name, captured_at, content_type, qc, visible, original, preview } = row;
  return {
    image_id: id,
    ...{ session_id, angle_deg, shot_name, captured_at, content_type, qc, visible },
    size_bytes: original.size,
    upload: uploadOf(row, session, view),
    has_original: original.held,
    has_preview: preview?.held ?? false,
  };
}

function uploadOf(row: PhotoRow, session: SessionRow, { live, orgId }: View): UploadState {
  const sending = live.sending[row.id];
  if (isFinished(row)) return { state: 'processed', ...(row.verdict === null ? {} : { verdict: row.verdict }) };
  if (row.stuck !== null) return { state: 'stuck', ...row.stuck };
  if (isForeign(session, orgId)) return { state: 'stuck', reason: 'other_org' };
  if (sending !== undefined) return { state: 'sending', sent_bytes: sending.sent, total_bytes: sending.total };
  if (row.original.progress.state === 'sent') return { state: 'uploaded' };
  if (session.server_status === null && session.stuck !== null)
    return { state: 'stuck', ...session.stuck, reason: 'session_refused' };
  const isHeld = live.previewsOnly && !wantsPreview(row);
  return { ...waiting(live, row.id), ...(isHeld ? { held: 'metered' } : {}) };
}

function waiting(live: LiveState, id: string): Extract<UploadState, { state: 'waiting' }> {
  const problem = live.problems[id];
  const cause = live.causes?.[id];
  return { state: 'waiting', ...(problem === undefined ? {} : { problem }), ...(cause === undefined ? {} : { cause }) };
}

function itemsOf(row: SessionRow, session: LocalSession | undefined, live: LiveState): OutboxItem[] {
  const { photos: localPhotos = [], stuck = null } = session ?? {};
  const photos = localPhotos.flatMap(({ image_id: id, session_id, upload }): OutboxItem[] =>
    upload.state === 'processed' ? [] : [{ id, kind: 'photo', session_id, upload }],
  );
  const isSynced = row.server_status !== null && (row.status === 'active' || row.server_status === row.status);
  if (isSynced && stuck === null) return photos;
  const upload: UploadState = stuck === null ? waiting(live, row.id) : { state: 'stuck', ...stuck };
  return [{ id: row.id, kind: 'session', session_id: row.id, upload }, ...photos];
}

/** Bytes that are still to be sent. A stuck photo waits for a person, not for the link, so it does not count. */
function unsentBytes(photo: PhotoRow, live: LiveState): number {
  if (photo.stuck !== null) return 0;
  const sent = live.sending[photo.id]?.sent ?? 0;
  const files = [photo.original, photo.preview].filter((file) => file !== null);
  const left = files.filter(({ progress: { state } }) => state === 'waiting' || state === 'announced');
  return Math.max(0, left.reduce((sum, { size }) => sum + size, 0) - sent);
}
