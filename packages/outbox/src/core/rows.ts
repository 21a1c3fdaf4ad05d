import type {
  CapturedBy,
  ContentType,
  EntityType,
  SessionMode,
  SessionStatus,
  ShotList,
  UploadKind,
} from '@spinbay/contracts';
import type { DeviceQc, Stuck } from '../types.ts';

/** The version of the rows that this release writes. */
export const rowVersion = 2;

/** A row on disk. `seq` is the order in which rows were added on this device, because its clock may be wrong. */
export type Row = SessionRow | PhotoRow | EventRow | SettingsRow;

/** The organization that a row is sent to. Null: not recorded, so it is sent to the one that the device works for. */
type OrgId = string | null;

export interface SessionRow {
  readonly kind: 'session';
  readonly v: number;
  readonly id: string;
  readonly seq: number;
  readonly org_id: OrgId;
  readonly site_id: string;
  readonly vehicle: { readonly vin?: string; readonly stock?: string };
  readonly mode: SessionMode;
  readonly shot_list: ShotList;
  readonly turntable?: 'clockwise' | 'counterclockwise';
  readonly created_at: string;
  /** The status that the operator has set. */
  readonly status: SessionStatus;
  readonly ended_at: string | null;
  /** The status that the server has. Null: the server does not know the session. */
  readonly server_status: SessionStatus | null;
  readonly stuck: Stuck | null;
}

/** The progress of one file of a photo. */
export type FileProgress =
  | { readonly state: 'waiting' }
  /** The server has reserved an upload for it. */
  | { readonly state: 'announced' }
  /** The object store accepted it. The server has not confirmed it yet. */
  | { readonly state: 'sent' }
  /** The server confirmed it with the same digest, or rejected it as unreadable. */
  | { readonly state: 'confirmed' }
  /** The preview is no longer needed. */
  | { readonly state: 'dropped' };

/** One of the two files of a photo: the original or its preview. */
export interface FileEntry {
  readonly size: number;
  /** Computed once, before the first request. */
  readonly sha256: string | null;
  /** Whether the bytes are on this device. */
  readonly held: boolean;
  /** How often it was sent, or found to have arrived before. */
  readonly sends: number;
  readonly progress: FileProgress;
}

export interface PhotoRow {
  readonly kind: 'photo';
  readonly v: number;
  readonly id: string;
  readonly seq: number;
  readonly session_id: string;
  readonly angle_deg: number | null;
  readonly shot_name: string | null;
  readonly captured_at: string | null;
  readonly captured_by: CapturedBy;
  readonly content_type: ContentType;
  readonly file_name: string;
  readonly qc: DeviceQc | null;
  readonly original: FileEntry;
  readonly preview: FileEntry | null;
  /** A request about this photo was sent, so it can no longer be removed. */
  readonly asked: boolean;
  /** The server refused `captured_at`, so it is left out. */
  readonly without_time: boolean;
  readonly visible: boolean;
  /** The photo's status on the server. */
  readonly verdict: string | null;
  readonly stuck: Stuck | null;
}

export interface EventRow {
  readonly kind: 'event';
  readonly v: number;
  readonly id: string;
  readonly seq: number;
  readonly org_id: OrgId;
  readonly entity_type: EntityType;
  readonly entity_id: string;
  readonly type: string;
  readonly message?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly occurred_at: string;
}

export interface SettingsRow {
  readonly kind: 'settings';
  readonly v: number;
  readonly id: 'settings';
  readonly keep_originals: boolean;
  readonly originals_on_metered: boolean;
}

export const defaultSettings: SettingsRow = {
  kind: 'settings',
  v: rowVersion,
  id: 'settings',
  keep_originals: false,
  originals_on_metered: true,
};

export function bytesKey(image_id: string, file: UploadKind): string {
  return `${image_id}/${file}`;
}

export function fileOf(photo: PhotoRow, file: UploadKind): FileEntry | null {
  return file === 'original' ? photo.original : photo.preview;
}

/** Whether the server has reserved an upload for a file of the photo. */
export function isAnnounced(photo: PhotoRow): boolean {
  return [photo.original, photo.preview].some((file) => file !== null && isReserved(file.progress));
}

function isReserved({ state }: FileProgress): boolean {
  return state === 'announced' || state === 'sent' || state === 'confirmed';
}

/** Whether everything about the session or photo is on the server. */
export function isFinished(row: SessionRow | PhotoRow): boolean {
  if (row.kind === 'photo') return row.original.progress.state === 'confirmed';
  return row.status !== 'active' && row.server_status === row.status;
}

/** Whether the row belongs to another organization than the one that the device works for now. Such a row is not sent. */
export function isForeign(row: SessionRow | EventRow, orgId: OrgId): boolean {
  return row.org_id !== null && row.org_id !== orgId;
}
