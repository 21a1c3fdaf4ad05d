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
 * - `pending`: reserved by a presign, the photo is on its way
 * - `processed`: measured, and it passed QC (warnings included)
 * - `failed`: measured and it did not pass, or it could not be read (`failure` says why)
 * - `published`: released by a reviewer
 * - `expired`: the upload never came; a later upload revives it
 */
export const ImageStatus = z
  .enum(['pending', 'processed', 'failed', 'published', 'expired'])
  .meta({ id: 'ImageStatus' });
export type ImageStatus = z.output<typeof ImageStatus>;

/** A frame may be sent as a small preview first and as its original later. */
export const UploadKind = z.enum(['preview', 'original']).meta({ id: 'UploadKind' });
export type UploadKind = z.output<typeof UploadKind>;

/**
 * Where the original of a frame stands:
 * - `expected`: it was announced, and is on its way or about to be measured
 * - `processed`: it is what the frame shows
 * - `rejected`: it could not be read, `failure` says why
 * - `expired`: it never came; a later upload revives it
 */
export const OriginalState = z.enum(['expected', 'processed', 'rejected', 'expired']).meta({ id: 'OriginalState' });
export type OriginalState = z.output<typeof OriginalState>;

/** The largest original that is taken, in bytes. */
export const maxImageBytes = 64 * 1024 * 1024;

/** A SHA-256 digest, as 64 hex digits or as base64; kept as lower case hex. */
const Sha256 = z
  .string()
  .regex(/^(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}=)$/, 'a SHA-256 digest: 64 hex digits, or 44 characters of base64')
  .transform((digest) => (digest.length === 64 ? digest.toLowerCase() : base64ToHex(digest)));

function base64ToHex(base64: string): string {
  return Array.from(atob(base64), (c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/** The same digest as S3 wants it in `x-amz-checksum-sha256`. */
export function hexToBase64(hex: string): string {
  return btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))));
}

/** `import`: an old photo, so that the time from shutter to visible says nothing about the delivery. */
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
      description: 'the slot shows a newer good frame than the published one; publishing it takes the old one back',
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
      .meta({ description: 'signed; the same from poll to poll, so that a browser keeps the pictures' }),
    qc: Qc.nullable(),
    qc_version: z.int().nullable(),
    failure: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: 'why there is no measurement, in words' }),
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
    uploaded_at: Timestamp.nullable().meta({ description: 'when what is shown arrived in the bucket' }),
    shown_upload: UploadKind.nullable().meta({
      description: 'of a preview the verdict is provisional; null: nothing is shown yet',
    }),
    original_state: OriginalState.nullable().meta({ description: 'null: the original was not announced' }),
    processed_at: Timestamp.nullable(),
    published_at: Timestamp.nullable(),
    published_by: z.object({ id: UserId, name: z.string() }).nullable(),
    override: z.boolean().meta({ description: 'it failed quality control, and was published nevertheless' }),
  })
  .meta({ id: 'Image' });
export type Image = z.output<typeof Image>;

/** Frames that one request publishes or takes back at most; the next request does the rest. */
export const maxPublished = 1_000;

/**
 * Why a frame of a session is not released with the others:
 * - `warned`: it has a warning, and the request did not ask for those
 * - `failed_qc`: a reviewer may release it by itself, with "override"
 * - `unreadable`: there is no picture
 * - `preview`: only its preview has come; a reviewer may release it by itself, with "preview"
 * - `pending`, `expired`: it did not arrive yet, or never will
 * - `too_many`: ask again
 */
export const LeftReason = z
  .enum(['warned', 'failed_qc', 'unreadable', 'preview', 'pending', 'expired', 'too_many'])
  .meta({ id: 'LeftReason' });
export type LeftReason = z.output<typeof LeftReason>;

/** Frames of one batch at most. */
export const maxPresigned = 100;

const frameFields = {
  file_name: z.string().min(1).max(255),
  content_type: ContentType,
  content_sha256: Sha256,
  content_length: z
    .int()
    .min(1)
    .optional()
    .meta({ description: `bytes, at most ${maxImageBytes}; signed when given` }),
  kind: UploadKind.default('original').meta({
    description: 'of a preview: the original of the same image_id is sent later, and takes its place',
  }),
  image_id: ImageId.optional().meta({ description: 'client-made: a repeated request then is the same frame' }),
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
        'anything but pending or expired: these bytes arrived already, or are not wanted; no upload is needed',
    }),
    angle_deg: z
      .number()
      .nullable()
      .meta({ description: 'of the frame: bytes that the session knows already keep the slot they were sent with' }),
    shot_name: z.string().nullable(),
    upload_url: z.string(),
    storage_key: z.string(),
    headers: z.record(z.string(), z.string()).meta({ description: 'send exactly these with the PUT' }),
    expires_at: Timestamp,
    confirm_upload: z.boolean().optional().meta({
      description:
        'true: after the PUT call POST /images/{image_id}/uploaded, because the object store tells nobody of it',
    }),
  })
  .meta({ id: 'PresignReply' });

/** Why one frame may be refused while the others of its batch are not. */
export const frameErrors = [
  'session_not_active',
  'slot_not_in_shot_list',
  'image_conflict',
  'image_too_large',
] as const satisfies readonly ErrorCode[];

const RefusedFrame = z
  .object({ error: z.object({ code: z.enum(frameErrors), title: z.string(), detail: z.string().optional() }) })
  .meta({ id: 'RefusedFrame' });

/** Frames a minute, announced one by one or in batches. */
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
    summary: 'The same for several frames of a session at once; each is reserved or refused on its own',
    access: everyone,
    rateLimit: { ...presignLimit, each: 'frames' },
    bodyLimit: 'frames',
    body: z
      .object({ session_id: SessionId, frames: z.array(FrameToPresign).min(1).max(maxPresigned) })
      .meta({ id: 'PresignBatchBody' }),
    replies: {
      200: z
        .object({ items: z.array(z.union([PresignReply, RefusedFrame])).meta({ description: 'in the order asked' }) })
        .meta({ id: 'PresignBatchReply' }),
    },
    errors: ['session_not_found'],
  }),
  confirmUpload: defineRoute({
    method: 'POST',
    path: '/images/:image_id/uploaded',
    summary: 'Say that the bytes of a frame were put, for object stores that tell nobody of it; any number of times',
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
          queued: z.boolean().meta({ description: 'false: it was known already' }),
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
        .meta({ description: 'also the frames that a newer good one of their slot replaced' }),
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
    summary: 'One image, such as the one that another is a duplicate of',
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
        .object({ url: z.string(), expires_at: Timestamp.meta({ description: 'ask again after that' }) })
        .meta({ id: 'OriginalUrl' }),
    },
    errors: ['image_not_found'],
  }),
  publishImage: defineRoute({
    method: 'POST',
    path: '/images/:image_id/publish',
    summary:
      'Publish an image, in place of the one that its slot has published; one that failed quality control needs "override"',
    access: reviewers,
    params: z.object({ image_id: ImageId }),
    body: z
      .object({
        override: z.boolean().default(false).meta({ description: 'release it although it failed; this is recorded' }),
        preview: z
          .boolean()
          .default(false)
          .meta({ description: 'release it although only its preview has come; this is recorded' }),
      })
      .prefault({})
      .meta({ id: 'PublishBody' }),
    replies: { 200: Image },
    errors: ['image_not_found', 'image_not_publishable', 'override_required', 'preview_only'],
  }),
  unpublishImage: defineRoute({
    method: 'POST',
    path: '/images/:image_id/unpublish',
    summary: 'Take a release back; what is not published stays as it is',
    access: reviewers,
    params: z.object({ image_id: ImageId }),
    replies: { 200: Image },
    errors: ['image_not_found'],
  }),
  publishSession: defineRoute({
    method: 'POST',
    path: '/sessions/:session_id/publish',
    summary: 'Release all current frames of a session that passed, in one transaction',
    access: reviewers,
    params: z.object({ session_id: SessionId }),
    body: z
      .object({
        warned: z
          .boolean()
          .default(false)
          .meta({ description: 'release those with a warning too; without it only those that passed' }),
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
            .meta({ description: `current frames that were not released, the first ${maxPublished}` }),
          items: z.array(Image).meta({ description: 'those of `published`, as they are now' }),
        })
        .meta({ id: 'PublishSessionReply' }),
    },
    errors: ['session_not_found'],
  }),
  unpublishSession: defineRoute({
    method: 'POST',
    path: '/sessions/:session_id/unpublish',
    summary: 'Take all releases of a session back, in one transaction',
    access: reviewers,
    params: z.object({ session_id: SessionId }),
    replies: {
      200: z
        .object({
          unpublished: z.array(ImageId).meta({ description: `by this request, at most ${maxPublished}` }),
          still_published: z.int().meta({ description: 'more than one request takes back: ask again' }),
          items: z.array(Image).meta({ description: 'those of `unpublished`, as they are now' }),
        })
        .meta({ id: 'UnpublishSessionReply' }),
    },
    errors: ['session_not_found'],
  }),
};
