import { z } from 'zod';
import { everyone, people, reviewers } from './claims.ts';
import type { ErrorCode } from './errors.ts';
import { ImageId, SessionId, UserId } from './ids.ts';
import { Exif, Qc } from './qc.ts';
import { defineRoute, page, queryInt } from './route.ts';
import { Angle, ShotName } from './shot-list.ts';
import { ContentType } from './storage-key.ts';
import { ReportedTime, Timestamp } from './time.ts';

/**
 * - `pending`: reserved by a presign; the photo has not arrived yet
 * - `processed`: measured, and it passed QC (warnings included)
 * - `failed`: measured, and it did not pass; or it could not be read (`failure` says why)
 * - `published`: released by a reviewer
 * - `expired`: the upload never arrived; a later upload revives it
 */
export const ImageStatus = z
  .enum(['pending', 'processed', 'failed', 'published', 'expired'])
  .meta({ id: 'ImageStatus' });
export type ImageStatus = z.output<typeof ImageStatus>;

/** A frame may be sent as a small preview first and as its original later. */
export const UploadKind = z.enum(['preview', 'original']).meta({ id: 'UploadKind' });
export type UploadKind = z.output<typeof UploadKind>;

/**
 * The state of a frame's original:
 * - `expected`: it was announced, but has not arrived or is not measured yet
 * - `processed`: the frame shows it
 * - `rejected`: it could not be read (`failure` says why)
 * - `expired`: it never arrived; a later upload revives it
 */
export const OriginalState = z.enum(['expected', 'processed', 'rejected', 'expired']).meta({ id: 'OriginalState' });
export type OriginalState = z.output<typeof OriginalState>;

/** The largest original that is accepted, in bytes. */
export const maxImageBytes = 64 * 1024 * 1024;

/** A SHA-256 digest, as 64 hex digits or as base64. It is parsed to lower-case hex. */
const Sha256 = z
  .string()
  .regex(/^(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}=)$/, 'a SHA-256 digest: 64 hex digits, or 44 characters of base64')
  .transform((digest) => (digest.length === 64 ? digest.toLowerCase() : base64ToHex(digest)));

function base64ToHex(base64: string): string {
  return Array.from(atob(base64), (c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/** Converts a digest from hex to base64, the form that S3 expects in `x-amz-checksum-sha256`. */
export function hexToBase64(hex: string): string {
  return btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))));
}

/** `import`: an old photo. The delivery report leaves it out, because the time since it was taken says nothing. */
export const CapturedBy = z.enum(['camera', 'import']).meta({ id: 'CapturedBy' });
export type CapturedBy = z.output<typeof CapturedBy>;

const bySize = z.object({ 150: z.string(), 600: z.string(), 1200: z.string() });

const ImageSlot = z
  .object({
    position: z.int().meta({ description: 'shooting order, from 0' }),
    published_image_id: ImageId.nullable().meta({
      description: 'the published frame: it stays published until a reviewer publishes another one of the slot',
    }),
    replacement_waiting: z.boolean().meta({
      description: 'the slot has a newer good frame than the published one; publishing it unpublishes the old one',
    }),
  })
  .meta({ id: 'ImageSlot' });

export const Image = z
  .object({
    id: ImageId,
    session_id: SessionId,
    angle_deg: z.number().nullable(),
    shot_name: z.string().nullable(),
    status: ImageStatus,
    thumb_keys: bySize.nullable(),
    thumb_urls: bySize
      .nullable()
      .meta({ description: 'signed; stable between polls, so that browsers can cache the pictures' }),
    qc: Qc.nullable(),
    qc_version: z.int().nullable(),
    failure: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: 'why there is no measurement, as a text for people' }),
    exif: Exif.nullable(),
    width: z.int().nullable(),
    height: z.int().nullable(),
    size_bytes: z.int().nullable(),
    hash_sha256: z.string().nullable(),
    storage_key: z.string(),
    superseded: z.boolean().meta({ description: 'its slot shows another frame, usually a newer good one' }),
    slot: ImageSlot.nullable().meta({ description: 'its place in the shot list; null for a frame outside of it' }),
    captured_at: Timestamp.nullable(),
    created_at: Timestamp,
    uploaded_at: Timestamp.nullable().meta({ description: 'when the upload that is shown arrived in the bucket' }),
    shown_upload: UploadKind.nullable().meta({
      description: 'the verdict of a preview is provisional; null: nothing is shown yet',
    }),
    original_state: OriginalState.nullable().meta({ description: 'null: the original was not announced' }),
    processed_at: Timestamp.nullable(),
    published_at: Timestamp.nullable(),
    published_by: z.object({ id: UserId, name: z.string() }).nullable(),
    override: z.boolean().meta({ description: 'it failed quality control and was published anyway' }),
  })
  .meta({ id: 'Image' });
export type Image = z.output<typeof Image>;

/** The most frames that one request publishes or unpublishes; the next request continues. */
export const maxPublished = 1_000;

/**
 * Why a frame of a session was not published with the others:
 * - `warned`: it has a warning, and the request did not ask for those
 * - `failed_qc`: a reviewer can publish it individually, with "override"
 * - `unreadable`: there is no picture
 * - `preview`: only its preview has arrived; a reviewer can publish it individually, with "preview"
 * - `pending`, `expired`: it has not arrived yet, or did not arrive in time
 * - `too_many`: repeat the request
 */
export const LeftReason = z
  .enum(['warned', 'failed_qc', 'unreadable', 'preview', 'pending', 'expired', 'too_many'])
  .meta({ id: 'LeftReason' });
export type LeftReason = z.output<typeof LeftReason>;

/** The most frames that one batch reserves. */
export const maxPresigned = 100;

const frameFields = {
  file_name: z.string().min(1).max(255),
  content_type: ContentType,
  content_sha256: Sha256,
  content_length: z
    .int()
    .min(1)
    .optional()
    .meta({
      description: `bytes, at most ${maxImageBytes}; signed if it is sent. Without it, a photo counts as ${maxImageBytes} bytes against a storage quota until it has arrived`,
    }),
  kind: UploadKind.default('original').meta({
    description: 'preview: the original with the same image_id is sent later and replaces it',
  }),
  image_id: ImageId.optional().meta({
    description: 'generated by the client, so that a repeated request means the same frame',
  }),
  angle_deg: Angle.optional(),
  shot_name: ShotName.optional(),
  captured_at: ReportedTime.optional(),
  captured_by: CapturedBy.default('camera').meta({
    description: '"import" for photos that existed before: the delivery report leaves them out',
  }),
};
const hasOneSlot = (frame: { angle_deg?: number | undefined; shot_name?: string | undefined }) =>
  frame.angle_deg === undefined || frame.shot_name === undefined;
const twoSlots = { path: ['shot_name'], message: 'a frame has an angle or a shot name, not both' };

export const FrameToPresign = z.object(frameFields).refine(hasOneSlot, twoSlots).meta({ id: 'FrameToPresign' });
export type FrameToPresign = z.output<typeof FrameToPresign>;

const PresignReply = z
  .object({
    image_id: ImageId,
    status: ImageStatus.meta({
      description:
        'any value except pending and expired: these bytes have already arrived or are not wanted; do not upload them',
    }),
    angle_deg: z
      .number()
      .nullable()
      .meta({ description: 'of the frame; bytes that the session already has keep their first slot' }),
    shot_name: z.string().nullable(),
    upload_url: z.string(),
    storage_key: z.string(),
    headers: z.record(z.string(), z.string()).meta({ description: 'send exactly these with the PUT' }),
    expires_at: Timestamp,
    confirm_upload: z.boolean().optional().meta({
      description:
        'true: after the PUT, call POST /images/{image_id}/uploaded, because the object store sends no events',
    }),
  })
  .meta({ id: 'PresignReply' });

/** Errors that refuse a single frame of a batch. */
export const frameErrors = [
  'session_not_active',
  'slot_not_in_shot_list',
  'image_conflict',
  'image_too_large',
  'storage_quota_reached',
] as const satisfies readonly ErrorCode[];

const RefusedFrame = z
  .object({ error: z.object({ code: z.enum(frameErrors), title: z.string(), detail: z.string().optional() }) })
  .meta({ id: 'RefusedFrame' });

/** This limit counts frames, not requests: single ones and those of batches together. */
const presignLimit = { per: 'device', max: 500, bucket: 'presign' } as const;

export const imageRoutes = {
  presignImage: defineRoute({
    method: 'POST',
    path: '/presign',
    summary: 'Reserve a frame and get the signed URL for its upload',
    access: everyone,
    rateLimit: presignLimit,
    body: z
      .object({ session_id: SessionId, ...frameFields })
      .refine(hasOneSlot, twoSlots)
      .meta({ id: 'PresignBody' }),
    replies: { 200: PresignReply },
    errors: ['session_not_found', ...frameErrors],
  }),
  presignImages: defineRoute({
    method: 'POST',
    path: '/presign/batch',
    summary: 'Reserve several frames of a session at once; each is reserved or refused on its own',
    access: everyone,
    rateLimit: { ...presignLimit, each: 'frames' },
    bodyLimit: 'frames',
    body: z
      .object({ session_id: SessionId, frames: z.array(FrameToPresign).min(1).max(maxPresigned) })
      .meta({ id: 'PresignBatchBody' }),
    replies: {
      200: z
        .object({
          items: z.array(z.union([PresignReply, RefusedFrame])).meta({ description: 'in the order of the request' }),
        })
        .meta({ id: 'PresignBatchReply' }),
    },
    errors: ['session_not_found'],
  }),
  confirmUpload: defineRoute({
    method: 'POST',
    path: '/images/:image_id/uploaded',
    summary: 'Report that the bytes of a frame were uploaded, for object stores that send no events; may be repeated',
    access: everyone,
    rateLimit: { per: 'device', max: 500 },
    params: z.object({ image_id: ImageId }),
    body: z
      .object({ kind: UploadKind.default('original') })
      .prefault({})
      .meta({ id: 'ConfirmUploadBody' }),
    replies: {
      200: z
        .object({
          image_id: ImageId,
          kind: UploadKind,
          queued: z.boolean().meta({
            description:
              'whether a message was queued for the worker. false: it has seen the upload, a message was queued or the upload was confirmed a moment ago, or this server has no queue and waits for the event of its object store',
          }),
        })
        .meta({ id: 'ConfirmUploadReply' }),
    },
    errors: ['image_not_found', 'upload_missing'],
  }),
  listImages: defineRoute({
    method: 'GET',
    path: '/images',
    summary: 'The images of a session: by angle for a spin, by time for stills',
    access: everyone,
    query: z.object({
      session_id: SessionId,
      limit: queryInt(1, 200).default(200),
      offset: page.offset,
      superseded: z
        .stringbool()
        .default(false)
        .meta({ description: 'include frames that a newer good frame of their slot replaced' }),
    }),
    replies: {
      200: z.object({ items: z.array(Image), total: z.int() }).meta({ id: 'ImageList' }),
      304: null,
    },
    errors: ['session_not_found'],
  }),
  getImage: defineRoute({
    method: 'GET',
    path: '/images/:image_id',
    summary: 'One image, for example the earlier image that a duplicate names in `duplicate_of`',
    access: people,
    params: z.object({ image_id: ImageId }),
    replies: { 200: Image },
    errors: ['image_not_found'],
  }),
  getOriginal: defineRoute({
    method: 'GET',
    path: '/images/:image_id/original',
    summary: 'A signed URL of the photo as it was taken',
    access: people,
    params: z.object({ image_id: ImageId }),
    replies: {
      200: z
        .object({ url: z.string(), expires_at: Timestamp.meta({ description: 'after this time, request a new one' }) })
        .meta({ id: 'OriginalUrl' }),
    },
    errors: ['image_not_found'],
  }),
  publishImage: defineRoute({
    method: 'POST',
    path: '/images/:image_id/publish',
    summary:
      'Publish an image, which replaces the published one of its slot; one that failed quality control needs "override"',
    access: reviewers,
    params: z.object({ image_id: ImageId }),
    body: z
      .object({
        override: z.boolean().default(false).meta({ description: 'publish it although it failed; this is recorded' }),
        preview: z
          .boolean()
          .default(false)
          .meta({ description: 'publish it although only its preview has arrived; this is recorded' }),
      })
      .prefault({})
      .meta({ id: 'PublishBody' }),
    replies: { 200: Image },
    errors: ['image_not_found', 'image_not_publishable', 'override_required', 'preview_only'],
  }),
  unpublishImage: defineRoute({
    method: 'POST',
    path: '/images/:image_id/unpublish',
    summary: 'Unpublish an image; an image that is not published stays unchanged',
    access: reviewers,
    params: z.object({ image_id: ImageId }),
    replies: { 200: Image },
    errors: ['image_not_found'],
  }),
  publishSession: defineRoute({
    method: 'POST',
    path: '/sessions/:session_id/publish',
    summary: 'Publish all current frames of a session that passed, in one transaction',
    access: reviewers,
    params: z.object({ session_id: SessionId }),
    body: z
      .object({
        warned: z
          .boolean()
          .default(false)
          .meta({ description: 'also publish frames with a warning; otherwise only those that passed' }),
      })
      .prefault({})
      .meta({ id: 'PublishSessionBody' }),
    replies: {
      200: z
        .object({
          published: z.array(ImageId).meta({ description: `by this request, at most ${maxPublished}` }),
          already_published: z.int(),
          left: z
            .array(z.object({ image_id: ImageId, reason: LeftReason }))
            .meta({ description: `current frames that were not published, the first ${maxPublished}` }),
          items: z.array(Image).meta({ description: 'the images of `published`, in their new state' }),
        })
        .meta({ id: 'PublishSessionReply' }),
    },
    errors: ['session_not_found'],
  }),
  unpublishSession: defineRoute({
    method: 'POST',
    path: '/sessions/:session_id/unpublish',
    summary: 'Unpublish all images of a session, in one transaction',
    access: reviewers,
    params: z.object({ session_id: SessionId }),
    replies: {
      200: z
        .object({
          unpublished: z.array(ImageId).meta({ description: `by this request, at most ${maxPublished}` }),
          still_published: z.int().meta({
            description: 'not 0: the session has more published images than one request handles; repeat the request',
          }),
          items: z.array(Image).meta({ description: 'the images of `unpublished`, in their new state' }),
        })
        .meta({ id: 'UnpublishSessionReply' }),
    },
    errors: ['session_not_found'],
  }),
};
