import type { CapturedBy, ContentType, EntityType, SessionMode, SessionStatus, ShotList } from '@spinbay/contracts';
import type { DeviceQc, StuckReason } from '../types.ts';

/** What is kept on disk. `seq` is the order in which things were added on this device; clocks may be wrong. */
export type Row = SessionRow | PhotoRow | EventRow | SettingsRow;

export interface Stuck {
  readonly reason: StuckReason;
  readonly detail?: string;
}

export interface SessionRow {
  readonly kind: 'session';
  readonly v: number;
  readonly id: string;
  readonly seq: number;
  readonly site_id: string;
  readonly vehicle: { readonly vin?: string; readonly stock?: string };
  readonly mode: SessionMode;
  readonly shot_list: ShotList;
  readonly turntable?: 'clockwise' | 'counterclockwise';
  readonly created_at: string;
  /** As the operator has it. */
  readonly status: SessionStatus;
  readonly ended_at: string | null;
  /** As the server was last told; null: it does not know the session. */
  readonly told: SessionStatus | null;
  readonly stuck: Stuck | null;
}

/** One of the two files of a photo. */
export type PartState =
  | { readonly state: 'waiting' }
  /** The server has reserved it. */
  | { readonly state: 'announced' }
  /** The store took it; the server has yet to say that it has it. */
  | { readonly state: 'sent' }
  /** The server has it, with this digest. */
  | { readonly state: 'confirmed' }
  /** A preview that is not needed. */
  | { readonly state: 'dropped' };

export interface Part {
  readonly size: number;
  /** Null until it was computed, which is done once. */
  readonly sha256: string | null;
  /** The bytes are on this device. */
  readonly held: boolean;
  /** How often the store took it. */
  readonly sends: number;
  readonly progress: PartState;
}

export type PartName = 'preview' | 'original';

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
  readonly original: Part;
  readonly preview: Part | null;
  /** The server may have heard of it: it is not removed any more. */
  readonly asked: boolean;
  /** The server did not accept its time of capture. */
  readonly without_time: boolean;
  readonly visible: boolean;
  /** The status that the server gave it. */
  readonly verdict: string | null;
  readonly stuck: Stuck | null;
}

export interface EventRow {
  readonly kind: 'event';
  readonly v: number;
  readonly id: string;
  readonly seq: number;
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
  v: 1,
  id: 'settings',
  keep_originals: false,
  originals_on_metered: true,
};

export function bytesKey(image_id: string, part: PartName): string {
  return `${image_id}/${part}`;
}

export function partOf(photo: PhotoRow, part: PartName): Part | null {
  return part === 'original' ? photo.original : photo.preview;
}

/** The server has reserved a place for it. */
export function isAnnounced(photo: PhotoRow): boolean {
  return [photo.original, photo.preview].some((part) => part !== null && isReserved(part.progress));
}

function isReserved({ state }: PartState): boolean {
  return state === 'announced' || state === 'sent' || state === 'confirmed';
}

/** Nothing is left to do for it. */
export function isFinished(row: SessionRow | PhotoRow): boolean {
  if (row.kind === 'photo') return row.original.progress.state === 'confirmed';
  return row.status !== 'active' && row.told === row.status;
}
