import type {
  CapturedBy,
  ContentType,
  DeviceId,
  EnrolmentCodeId,
  EventId,
  Exif,
  ImageId,
  ImageStatus,
  InvitationState,
  OrgId,
  Qc,
  QcProfile,
  SessionId,
  SessionMode,
  SessionStatus,
  ShotList,
  ShotListId,
  SiteId,
  SlotId,
  SpinQc,
  Stills,
  Turntable,
  UploadId,
  UploadKind,
  UserId,
  UserRole,
  VehicleId,
} from '@spinbay/contracts';
import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { DeletionKind } from '../deletions/deletion-kind.ts';
import type { UploadState } from '../uploads/upload-state.ts';

/** A timestamp that the database sets by default. */
type Stamp = ColumnType<Date, Date | undefined, Date>;
/** A bigint, which the PostgreSQL client returns as a string. */
type Bytes = ColumnType<string | null, number | null | undefined, number | null>;
/** Only an API or worker of the previous version uses it. */
type OfPreviousVersion = ColumnType<never, undefined, never>;
type Json<T> = JSONColumnType<T & object, string, string> | ColumnType<T | null, string | null, string | null>;

interface OrganizationsTable {
  id: OrgId;
  name: string;
  enrolment: 'open' | 'code';
  keep_gps: Generated<boolean>;
  /** Counts changes of people's names. A trigger writes it. */
  names_version: Generated<string>;
  /** Its erasure is scheduled: nobody has access. */
  erasing: Generated<boolean>;
  /** How long the audit log is kept; null: as long as the installation keeps all events. */
  audit_days: Generated<number | null>;
  /** How its frames are judged. Null: the value of the installation applies. */
  qc_profile: Generated<QcProfile | null>;
  qc_edge_width_fail: Generated<number | null>;
  qc_min_long_side: Generated<number | null>;
  /** Null: no limit. */
  quota_bytes: Bytes;
  quota_sessions_per_day: Generated<number | null>;
  created_at: Stamp;
}

/** The number of sessions that were started on the most recent day with a session. */
interface SessionDaysTable {
  org_id: OrgId;
  /** A date without a time. The PostgreSQL client returns it as a `Date`. */
  day: ColumnType<Date, string, string>;
  n: number;
}

/** Maintained by triggers. The number of stored bytes is the sum of an organization's rows. */
interface StoredBytesTable {
  org_id: OrgId;
  shard: number;
  bytes: string;
}

interface ShotListsTable {
  org_id: OrgId;
  id: ShotListId;
  name: string;
  shots: JSONColumnType<Stills, string, string>;
  version: Generated<number>;
  created_at: Stamp;
  updated_at: Stamp;
}

interface SitesTable {
  org_id: OrgId;
  id: SiteId;
  name: string;
  created_at: Stamp;
}

interface UsersTable {
  org_id: OrgId;
  id: UserId;
  email: string;
  name: string;
  role: UserRole;
  disabled_at: Date | null;
  invitation: Generated<InvitationState>;
  token_generation: Generated<number>;
  created_at: Stamp;
}

interface EndedTokensTable {
  org_id: OrgId;
  user_id: UserId;
  token_id: string;
  expires_at: Date;
}

interface ExchangedIdTokensTable {
  org_id: OrgId;
  user_id: UserId;
  token_sha256: string;
  expires_at: Date;
}

interface UserSiteAccessTable {
  org_id: OrgId;
  user_id: UserId;
  site_id: SiteId;
  created_at: Stamp;
}

interface DevicesTable {
  org_id: OrgId;
  id: DeviceId;
  platform: string;
  model: string;
  app_version: string;
  name: Generated<string | null>;
  secret_sha256: string;
  rotation_nonce: Generated<string | null>;
  next_secret_sha256: Generated<string | null>;
  previous_secret_sha256: Generated<string | null>;
  /** Equal for devices that the same installation of an app enrolled as. */
  installation_sha256: Generated<string | null>;
  last_seen: Stamp;
  revoked_at: Date | null;
  /** Its installation may not enrol again. */
  blocked_at: Generated<Date | null>;
  created_at: Stamp;
}

interface DeviceSiteAccessTable {
  org_id: OrgId;
  device_id: DeviceId;
  site_id: SiteId;
  created_at: Stamp;
}

interface EnrolmentCodesTable {
  org_id: OrgId;
  id: EnrolmentCodeId;
  handle: string;
  secret_sha256: string;
  label: string | null;
  site_ids: SiteId[];
  tries_left: number;
  expires_at: Date;
  created_by: UserId | null;
  created_at: Stamp;
  revoked_at: Generated<Date | null>;
  used_at: Generated<Date | null>;
  device_id: Generated<DeviceId | null>;
}

interface VehiclesTable {
  org_id: OrgId;
  id: VehicleId;
  site_id: SiteId;
  vin: string | null;
  /** For searches by the end of the VIN. */
  vin_reversed: GeneratedAlways<string | null>;
  stock: string | null;
  created_at: Stamp;
  deletion_id: Generated<string | null>;
}

interface SessionsTable {
  org_id: OrgId;
  id: SessionId;
  site_id: SiteId;
  vehicle_id: VehicleId;
  device_id: DeviceId | null;
  user_id: UserId | null;
  mode: SessionMode;
  status: SessionStatus;
  shot_list: ColumnType<ShotList, string, string>;
  turntable: Generated<Turntable>;
  started_at: Stamp;
  completed_at: Date | null;
  abandoned_at: Date | null;
  created_at: Stamp;
  images_version: Generated<string>;
  last_shutter_at: Generated<Date | null>;
  seen_at: Generated<Date | null>;
  upload_s: Generated<number | null>;
  queue_s: Generated<number | null>;
  work_s: Generated<number | null>;
  promise_due_at: Generated<Date | null>;
  spin_qc: ColumnType<SpinQc | null, string | null | undefined, string | null>;
  deletion_id: Generated<string | null>;
}

/** Devices that work in a session that somebody else created. */
interface SessionDevicesTable {
  org_id: OrgId;
  session_id: SessionId;
  device_id: DeviceId;
  created_at: Stamp;
}

/** Written by triggers. */
interface SessionCountsTable {
  org_id: OrgId;
  site_id: SiteId;
  status: SessionStatus;
  mode: SessionMode;
  n: string;
}

/**
 * Frames. After a frame was reserved, only `show-upload.ts` changes the columns about the picture (from `storage_key` to
 * `failure`). `rejudgeNextSession` updates the verdict.
 */
export interface ImagesTable {
  org_id: OrgId;
  id: ImageId;
  site_id: SiteId;
  session_id: SessionId;
  vehicle_id: VehicleId;
  angle_deg: number | null;
  shot_name: string | null;
  status: ImageStatus;
  storage_key: string;
  hash_sha256: string | null;
  phash: string | null;
  /** Null for frames that were measured before this column existed. */
  colour_grid: ColumnType<Buffer | null, Buffer | null | undefined, Buffer | null>;
  size_bytes: number | null;
  width: number | null;
  height: number | null;
  thumb_keys: Json<Record<'150' | '600' | '1200', string>>;
  exif: Json<Exif>;
  qc: Json<Qc>;
  qc_version: number | null;
  failure: Json<{ code: string; message: string }>;
  captured_at: Date | null;
  captured_by: Generated<CapturedBy>;
  created_at: Stamp;
  processed_at: Date | null;
  published_at: Date | null;
  published_by: UserId | null;
  publish_override: Generated<boolean>;
  /** The device that announced it; null if a person did, or if it is unknown. */
  device_id: Generated<DeviceId | null>;
  /** Set by a trigger from angle or shot name; null for a frame without a slot. */
  slot_id: Generated<SlotId | null>;
  deletion_id: Generated<string | null>;
  content_type: OfPreviousVersion;
  upload_expires_at: OfPreviousVersion;
  uploaded_at: OfPreviousVersion;
  work_started_at: OfPreviousVersion;
}

/** Created by a trigger from a session's shot list. `settleSlots` chooses their current and published frames. */
interface SlotsTable {
  org_id: OrgId;
  session_id: SessionId;
  id: SlotId;
  position: number;
  angle_deg: number | null;
  shot_name: string | null;
  current_image_id: ImageId | null;
  published_image_id: ImageId | null;
  created_at: Stamp;
}

interface UploadsTable {
  org_id: OrgId;
  id: UploadId;
  image_id: ImageId;
  session_id: SessionId;
  site_id: SiteId;
  /** The device that got the last URL. */
  device_id: Generated<DeviceId | null>;
  kind: UploadKind;
  storage_key: string;
  content_type: ContentType;
  content_length: Bytes;
  hash_sha256: string | null;
  size_bytes: Bytes;
  state: Generated<UploadState>;
  failure: Json<{ code: string; message: string }>;
  created_at: Stamp;
  expires_at: Generated<Date | null>;
  stored_at: Generated<Date | null>;
  work_started_at: Generated<Date | null>;
  processed_at: Generated<Date | null>;
  reconcile_after: Generated<Date | null>;
  requeues: Generated<number>;
  requeued_at: Generated<Date | null>;
  deletion_id: Generated<string | null>;
}

/** Pictures derived from uploads. */
interface RenditionsTable {
  org_id: OrgId;
  image_id: ImageId;
  upload_id: UploadId;
  kind: 'thumbnail';
  width: number;
  format: 'jpeg';
  version: number;
  storage_key: string;
  size_bytes: Bytes;
  created_at: Stamp;
}

interface EventsTable {
  org_id: OrgId;
  id: EventId;
  entity_type: string;
  entity_id: string | null;
  type: string;
  message: string | null;
  meta: Json<Record<string, unknown>>;
  actor_type: 'device' | 'user' | 'system';
  actor_id: string | null;
  reported: Generated<boolean>;
  occurred_at: Stamp;
  created_at: Stamp;
}

/** Written by `recordChange`, read by `readChanges`. */
interface OutboxTable {
  org_id: OrgId;
  id: GeneratedAlways<string>;
  xact_id: string;
  type: string;
  site_id: SiteId;
  session_id: SessionId;
  image_id: ImageId | null;
  slot_id: SlotId | null;
  created_at: Stamp;
}

/** Scheduled erasures, and the ids of erased data. Rows of a scheduled erasure have its `deletion_id` and are hidden. */
interface DeletionsTable {
  org_id: OrgId;
  id: string;
  kind: DeletionKind;
  entity_id: string;
  site_id: SiteId | null;
  parent_id: Generated<string | null>;
  state: Generated<'scheduled' | 'erased' | 'done'>;
  erase_after: Date;
  next_try_at: Date;
  attempts: Generated<number>;
  created_at: Stamp;
}

/** Photos that arrived for an erased session. */
interface LatePhotosTable {
  org_id: OrgId;
  id: string;
  deletion_id: string;
  next_try_at: Stamp;
  attempts: Generated<number>;
  created_at: Stamp;
}

interface QcRejudgementsTable {
  org_id: OrgId;
  profile: QcProfile | null;
  edge_width_fail: number | null;
  min_long_side: number | null;
  total: number;
  done: Generated<number>;
  changed: Generated<number>;
  last_session_id: Generated<SessionId | null>;
  created_at: Stamp;
  finished_at: Generated<Date | null>;
  failures: Generated<number>;
  retry_at: Generated<Date | null>;
  gave_up: Generated<boolean>;
  left_out: Generated<number>;
}

/** The tables after all migrations. A test compares this with the catalogue. */
export interface Database {
  organizations: OrganizationsTable;
  shot_lists: ShotListsTable;
  sites: SitesTable;
  users: UsersTable;
  user_site_access: UserSiteAccessTable;
  ended_tokens: EndedTokensTable;
  exchanged_id_tokens: ExchangedIdTokensTable;
  devices: DevicesTable;
  device_site_access: DeviceSiteAccessTable;
  enrolment_codes: EnrolmentCodesTable;
  vehicles: VehiclesTable;
  sessions: SessionsTable;
  session_counts: SessionCountsTable;
  session_days: SessionDaysTable;
  stored_bytes: StoredBytesTable;
  session_devices: SessionDevicesTable;
  slots: SlotsTable;
  images: ImagesTable;
  uploads: UploadsTable;
  renditions: RenditionsTable;
  events: EventsTable;
  outbox: OutboxTable;
  deletions: DeletionsTable;
  late_photos: LatePhotosTable;
  qc_rejudgements: QcRejudgementsTable;
}
