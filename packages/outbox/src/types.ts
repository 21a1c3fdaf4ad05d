import type {
  CapturedBy,
  ContentType,
  EntityType,
  ErrorCode,
  SessionMode,
  SessionStatus,
  ShotList,
} from '@spinbay/contracts';

/** The ids of sessions and photos are UUIDs that the app generates. Times here are ISO strings of the device's clock. */
export interface NewSession {
  readonly id: string;
  readonly site_id: string;
  readonly vehicle: { readonly vin?: string; readonly stock?: string };
  readonly mode: SessionMode;
  readonly shot_list: ShotList;
  readonly turntable?: 'clockwise' | 'counterclockwise';
  readonly created_at: string;
  /** The server already has this session: it was started elsewhere and continues here. */
  readonly on_server?: boolean;
}

/** The result of the quality checks on the device. Shown to the operator, never sent with the photo. */
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
  /** The original file name, if any. The server derives the slot from it only if no slot is given. */
  readonly file_name?: string;
  readonly original: Bytes;
  /** A small JPEG of the same picture. It is sent first. */
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

/** Why an item waits for a person. It is stored with the item; an earlier release stored no cause. */
export interface Stuck {
  readonly reason: StuckReason;
  readonly detail?: string;
  readonly cause?: Cause;
}

export type StuckReason =
  /** The server refused this photo. `detail` is its message. */
  | 'refused'
  /** The server refused the session, or no longer has it: see `detail`, or the session's reason. */
  | 'session_refused'
  /** Somebody closed the session on the server. */
  | 'session_closed'
  /** The bytes are no longer on this device, or are damaged. */
  | 'missing_bytes'
  /** Another photo of the session has the same bytes. */
  | 'duplicate'
  /** The server has different bytes under this id. The original is kept on the device. */
  | 'digest_differs'
  /**
   * The device has enrolled in another organization. `detail` of a session is the id of the organization to which the
   * session belongs.
   */
  | 'other_org'
  /** The server's reply cannot be read: this app is too old. */
  | 'update_needed';

/** Why an item waits or is stuck: a text for people, and its code. Apps translate the code. */
export interface Problem {
  readonly message: string;
  /** Null: the problem is unexpected and has no code. */
  readonly cause: Cause | null;
}

export type Cause =
  /** The API refused the request. */
  | ErrorCode
  | 'server_silent'
  | 'store_silent'
  /** The object store refused the upload. */
  | 'store_refused'
  | 'store_full'
  | 'store_missing'
  /** The clocks of the device and of the object store differ. */
  | 'clock_differs'
  /** The file changed during the upload. */
  | 'file_changed'
  /** The upload made no progress for a minute. */
  | 'no_progress'
  | 'device_full'
  | 'sign_in_failed'
  | 'session_abandoned';

export type UploadState =
  /**
   * `problem` is the current obstacle, as a message, and `cause` its code. The outbox retries by itself. `held`: no preview
   * is left to send, and the original waits for a network that is not metered.
   */
  | { readonly state: 'waiting'; readonly problem?: string; readonly cause?: Cause; readonly held?: 'metered' }
  | { readonly state: 'sending'; readonly sent_bytes: number; readonly total_bytes: number }
  /** The object store accepted the upload. The server has not confirmed it yet. */
  | { readonly state: 'uploaded' }
  /**
   * The server has confirmed the digest, or rejected the photo as unreadable. `verdict` is the photo's status on the server,
   * e.g. `processed` or `failed`.
   */
  | { readonly state: 'processed'; readonly verdict?: string }
  /** Waits until `retry` is called. */
  | ({ readonly state: 'stuck' } & Stuck);

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
  /** The server shows the photo or its preview, or found the photo unreadable. */
  readonly visible: boolean;
  readonly has_original: boolean;
  readonly has_preview: boolean;
}

export interface LocalSession extends NewSession {
  /** The organization that the session is sent to. */
  readonly org_id: string | null;
  readonly status: SessionStatus;
  readonly ended_at: string | null;
  /** The server knows the session. */
  readonly announced: boolean;
  /** The server has all photos and the end of the session. */
  readonly finished: boolean;
  readonly stuck: Stuck | null;
  readonly photos: readonly LocalPhoto[];
}

/** A session, a photo or the queued events that are not yet on the server. */
export interface OutboxItem {
  /** The id of the session or photo, or `events`. */
  readonly id: string;
  readonly kind: 'session' | 'photo' | 'events';
  readonly session_id?: string;
  readonly upload: UploadState;
}

export interface OutboxState {
  readonly sessions: readonly LocalSession[];
  readonly items: readonly OutboxItem[];
  readonly online: boolean;
  /** False: a request to the API got no reply, and none has succeeded since. */
  readonly server_answers: boolean;
  readonly uploading: boolean;
  readonly speed_bytes_per_s?: number;
  readonly seconds_left?: number;
  readonly storage: StorageState;
  readonly signedOut: boolean;
}

export interface StorageState {
  /** False: the system may delete stored photos when it needs room. */
  readonly persisted: boolean | 'unknown';
  /** Bytes. */
  readonly used?: number;
  /** Bytes. */
  readonly available?: number;
  readonly low: boolean;
}

export interface OutboxSettings {
  /** Keeps originals on the device after the server has confirmed them. Default: false. */
  readonly keepOriginals?: boolean;
  /** Sends originals on metered networks, too. Default: true. */
  readonly originalsOnMetered?: boolean;
}

export interface Outbox<Bytes = Blob> {
  /** Like the other methods here that store something, resolves when the change is durable on disk. */
  addSession(session: NewSession): Promise<void>;
  /**
   * Adding a photo again retries it if it is stuck.
   * @throws StorageFull if nothing was stored, or an Error if its session was not added before
   */
  addPhoto(photo: NewPhoto<Bytes>): Promise<void>;
  /** Undoes `addPhoto`, unless a request about the photo was already sent. */
  removePhoto(image_id: string): Promise<'removed' | 'already_sent'>;
  endSession(end: SessionEnd): Promise<void>;
  addEvent(event: LocalEvent): Promise<void>;
  /** Retries one stuck item or all. Also call it after the user has signed in again. */
  retry(item_id?: string): void;
  readOriginal(image_id: string): Promise<Bytes | undefined>;
  readPreview(image_id: string): Promise<Bytes | undefined>;
  /** Returns the same object until something changes. */
  state(): OutboxState;
  subscribe(listener: () => void): () => void;
  start(): void;
  stop(): Promise<void>;
  settings(settings: OutboxSettings): Promise<void>;
}
