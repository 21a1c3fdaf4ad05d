import type { CapturedBy, ContentType, EntityType, SessionMode, SessionStatus, ShotList } from '@spinbay/contracts';

/** All ids are client-made UUIDs. Times are ISO strings by the clock of the device. */
export interface NewSession {
  readonly id: string;
  readonly site_id: string;
  readonly vehicle: { readonly vin?: string; readonly stock?: string };
  readonly mode: SessionMode;
  readonly shot_list: ShotList;
  readonly turntable?: 'clockwise' | 'counterclockwise';
  readonly created_at: string;
  /** The server has this session already: it was begun elsewhere and is continued here. */
  readonly on_server?: boolean;
}

/** What the device's own checks said of a photo. Shown, never sent with the photo. */
export interface DeviceQc {
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly reasons: readonly string[];
  readonly measures?: Readonly<Record<string, number>>;
}

export interface NewPhoto<Bytes = Blob> {
  readonly image_id: string;
  readonly session_id: string;
  readonly angle_deg?: number;
  readonly shot_name?: string;
  readonly captured_at?: string;
  readonly captured_by?: CapturedBy;
  readonly content_type: ContentType;
  /** Its name where it has one; the server reads no slot from it when the slot is given. */
  readonly file_name?: string;
  readonly original: Bytes;
  /** A small JPEG of the same picture, which is sent first. */
  readonly preview?: Bytes;
  readonly qc?: DeviceQc;
}

export interface SessionEnd {
  readonly session_id: string;
  readonly status: 'completed' | 'abandoned';
  readonly at: string;
}

export interface LocalEvent {
  readonly entity_type: EntityType;
  readonly entity_id: string;
  readonly type: string;
  readonly message?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly at: string;
}

export type StuckReason =
  /** The server refuses this photo: `detail` has its words. */
  | 'refused'
  /** Its session was refused: see the session's own reason. */
  | 'session_refused'
  /** Somebody closed the session on the server. */
  | 'session_closed'
  /** The bytes are not on this device any more, or are damaged. */
  | 'missing_bytes'
  /** Another photo of the session has exactly these bytes. */
  | 'duplicate'
  /** The server has other bytes under this id. The original is kept here. */
  | 'digest_differs'
  /** The server speaks a later version than this app. */
  | 'update_needed';

export type UploadState =
  /** `problem`: what stands in the way just now, in words. It goes on by itself. */
  | { readonly state: 'waiting'; readonly problem?: string }
  | { readonly state: 'sending'; readonly sent_bytes: number; readonly total_bytes: number }
  /** The store took it; the server has yet to say so. */
  | { readonly state: 'uploaded' }
  /** The server has it: the digest is equal. `verdict` is the status that the server gave, e.g. `processed` or `failed`. */
  | { readonly state: 'processed'; readonly verdict?: string }
  /** Waits for the operator: `retry` tries again. */
  | { readonly state: 'stuck'; readonly reason: StuckReason; readonly detail?: string };

export interface LocalPhoto {
  readonly image_id: string;
  readonly session_id: string;
  readonly angle_deg: number | null;
  readonly shot_name: string | null;
  readonly captured_at: string | null;
  readonly content_type: ContentType;
  readonly qc: DeviceQc | null;
  readonly size_bytes: number;
  readonly upload: UploadState;
  /** The server shows it already, be it by its preview. */
  readonly visible: boolean;
  readonly has_original: boolean;
  readonly has_preview: boolean;
}

export interface LocalSession extends NewSession {
  readonly status: SessionStatus;
  readonly ended_at: string | null;
  /** The server knows it. */
  readonly announced: boolean;
  /** Everything of it is on the server, its end too. */
  readonly finished: boolean;
  readonly stuck: { readonly reason: StuckReason; readonly detail?: string } | null;
  readonly photos: readonly LocalPhoto[];
}

/** What is not finished. */
export interface OutboxItem {
  /** Of the session or photo; `events` for the events that wait. */
  readonly id: string;
  readonly kind: 'session' | 'photo' | 'events';
  readonly session_id?: string;
  readonly upload: UploadState;
}

export interface OutboxState {
  readonly sessions: readonly LocalSession[];
  readonly items: readonly OutboxItem[];
  readonly online: boolean;
  readonly uploading: boolean;
  readonly speed_bytes_per_s?: number;
  readonly seconds_left?: number;
  readonly storage: StorageState;
  readonly signedOut: boolean;
}

export interface StorageState {
  /** False: the system may delete what is kept here when it needs room. */
  readonly persisted: boolean | 'unknown';
  readonly used?: number;
  readonly available?: number;
  readonly low: boolean;
}

export interface OutboxSettings {
  /** Originals stay on the device after the server has them. Default: they are deleted. */
  readonly keepOriginals?: boolean;
  /** Originals are sent on metered networks too. Default: they are. */
  readonly originalsOnMetered?: boolean;
}

export interface Outbox<Bytes = Blob> {
  /** This and each method that returns a promise resolves when the change is durable on disk. */
  addSession(session: NewSession): Promise<void>;
  /** A photo that is added again is the same one, and is tried again. @throws StorageFull: nothing was kept */
  addPhoto(photo: NewPhoto<Bytes>): Promise<void>;
  /** Undo: a photo of which the server has heard is not removed. */
  removePhoto(image_id: string): Promise<'removed' | 'already_sent'>;
  endSession(end: SessionEnd): Promise<void>;
  addEvent(event: LocalEvent): Promise<void>;
  /** Tries one stuck item again, or all; also after the person has signed in again. */
  retry(item_id?: string): void;
  readOriginal(image_id: string): Promise<Bytes | undefined>;
  readPreview(image_id: string): Promise<Bytes | undefined>;
  /** The same object as long as nothing changed. */
  state(): OutboxState;
  subscribe(listener: () => void): () => void;
  start(): void;
  stop(): Promise<void>;
  settings(settings: OutboxSettings): Promise<void>;
}
