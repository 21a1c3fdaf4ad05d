import { z } from 'zod';

/**
 * Every error of the API: its stable code, its HTTP status and its title. Clients switch on `code`, never on a text.
 * Unless it is obvious, the title says what to do.
 */
export const errorTable = {
  validation_failed: { status: 400, title: 'The request does not have the shape that this route expects.' },
  org_unknown: {
    status: 400,
    title: 'There is no organization with this org_id. Check the id with your administrator.',
  },
  unauthenticated: {
    status: 401,
    title: 'A valid token is needed. Sign in, or enrol the device, and send it as "Authorization: Bearer ...".',
  },
  invalid_id_token: { status: 401, title: 'The identity token was not accepted. Sign in again.' },
  device_secret_invalid: { status: 401, title: 'This device could not prove who it is. Enrol it again.' },
  forbidden: { status: 403, title: 'Your role does not allow this.' },
  enrolment_code_required: {
    status: 403,
    title: 'This organization enrols devices by code. Ask an administrator for one.',
  },
  enrolment_code_invalid: {
    status: 403,
    title: 'This enrolment code is wrong. Type it again, or ask an administrator for a new one.',
  },
  enrolment_code_used: {
    status: 403,
    title: 'This code was already used for another device. Ask an administrator for a new one.',
  },
  enrolment_code_expired: {
    status: 403,
    title: 'This enrolment code has expired or was withdrawn. Ask an administrator for a new one.',
  },
  device_revoked: { status: 403, title: 'This device was revoked by an administrator.' },
  device_blocked: {
    status: 403,
    title: 'An administrator has blocked this device. Ask an administrator to unblock it.',
  },
  own_session_required: {
    status: 403,
    title: 'Devices and operators can correct a vehicle only during their own active session of it. Ask a reviewer.',
  },
  user_not_in_org: {
    status: 403,
    title: 'You are signed in, but no organization on this server has a member with this email address.',
  },
  route_not_found: { status: 404, title: 'This route does not exist.' },
  user_not_found: { status: 404, title: 'Your organization has no such person.' },
  device_not_found: { status: 404, title: 'Your organization has no such device.' },
  invitation_not_found: { status: 404, title: 'There is no such invitation, or it was answered already.' },
  enrolment_code_not_found: { status: 404, title: 'Your organization has no such enrolment code.' },
  site_not_found: { status: 404, title: 'This site does not exist, or you have no access to it.' },
  shot_list_not_found: { status: 404, title: 'Your organization has no such shot list.' },
  vehicle_not_found: { status: 404, title: 'This vehicle does not exist, or you have no access to it.' },
  session_not_found: { status: 404, title: 'This session does not exist, or you have no access to it.' },
  image_not_found: { status: 404, title: 'This image does not exist, or you have no access to it.' },
  org_choice_required: {
    status: 409,
    title: 'You belong to several organizations. Sign in again with the org_id of one of them.',
  },
  email_taken: { status: 409, title: 'Somebody in your organization already has this email address.' },
  site_name_taken: { status: 409, title: 'Another site of your organization already has this name.' },
  shot_list_name_taken: { status: 409, title: 'Another shot list of your organization already has this name.' },
  shot_list_changed: {
    status: 409,
    title: 'Somebody else has changed this shot list. Load it again, then repeat your change.',
  },
  shot_list_limit_reached: {
    status: 409,
    title: 'Your organization has reached its limit of shot lists. Delete one first.',
  },
  erasure_unconfirmed: {
    status: 409,
    title:
      'This is still being shot, or has published photos. Repeat the request with confirm=true to erase it anyway.',
  },
  organization_name_differs: {
    status: 409,
    title: 'This is not the name of your organization. Send its exact name to erase it.',
  },
  last_admin: {
    status: 409,
    title: 'This is the last administrator who can sign in. Make somebody else an administrator first.',
  },
  device_not_recognizable: {
    status: 409,
    title:
      'This device cannot be blocked, because its app sent no installation_key. Revoke it, and require a code for new devices.',
  },
  vehicle_conflict: { status: 409, title: 'This stock number and this VIN belong to different vehicles of this site.' },
  session_conflict: { status: 409, title: 'Another session already has this id.' },
  session_state_conflict: { status: 409, title: 'The state of the session does not allow this.' },
  session_not_active: { status: 409, title: 'The session accepts no more images. Reopen it, or start a new one.' },
  image_conflict: { status: 409, title: 'This image_id was used for another photo. Generate a new one.' },
  image_not_publishable: { status: 409, title: 'Only an image that was measured can be published.' },
  override_required: {
    status: 409,
    title: 'This image failed quality control. Publish it with "override": true, or take the photo again.',
  },
  preview_only: {
    status: 409,
    title: 'Only the preview of this image has arrived. Wait for its original, or publish it with "preview": true.',
  },
  upload_missing: {
    status: 409,
    title: 'The object store does not have this photo. PUT it to its upload_url first.',
  },
  body_too_large: { status: 413, title: 'The request body is too large.' },
  image_too_large: {
    status: 413,
    title: 'This photo is larger than 64 MiB. Reduce its size, or send the original JPEG.',
  },
  unsupported_media_type: { status: 415, title: 'The request body must be application/json.' },
  slot_not_in_shot_list: { status: 422, title: 'This angle or shot is not in the shot list of the session.' },
  storage_quota_reached: { status: 429, title: 'Your organization has used up its storage.' },
  session_quota_reached: {
    status: 429,
    title: 'Your organization has reached its limit of sessions for today.',
  },
  rate_limited: { status: 429, title: 'Too many requests. Wait for the number of seconds in Retry-After.' },
  internal: {
    status: 500,
    title:
      'Something went wrong on the server. Try again. If it happens again, report the request id to your administrator.',
  },
  unavailable: { status: 503, title: 'The server cannot reach a service that it needs. Try again in a moment.' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorTable;

/**
 * Codes that the HTTP binding itself returns; `errorsOf` knows which apply to a route. A route declares one of them only if
 * its handler returns it, too.
 */
export const commonErrors = [
  'validation_failed',
  'unauthenticated',
  'forbidden',
  'body_too_large',
  'unsupported_media_type',
  'rate_limited',
  'internal',
  'unavailable',
] as const satisfies readonly ErrorCode[];

const FieldError = z.object({
  path: z.string().meta({ description: 'the place in the request, e.g. body.vehicle.vin' }),
  message: z.string(),
});

/** `application/problem+json` (RFC 9457) with a stable `code`. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string().optional(),
    errors: z.array(FieldError).optional(),
    organizations: z
      .array(z.object({ org_id: z.string(), name: z.string() }))
      .optional()
      .meta({ description: 'with org_choice_required: the organizations to choose from' }),
    request_id: z.string().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof Problem>;

/** A problem as clients parse it: a later server may send codes that this release does not know. */
export const AnyProblem = Problem.extend({ code: z.string() });
export type AnyProblem = z.output<typeof AnyProblem>;

/**
 * An expected error, as a value. A handler returns it (`return fail('session_not_found')`), so that the compiler can
 * check that the route declares the code. A transaction that returns one is rolled back.
 */
export interface Failure<Code extends ErrorCode = ErrorCode> {
  readonly failure: Code;
  readonly detail?: string | undefined;
  readonly errors?: Problem['errors'];
  readonly organizations?: Problem['organizations'];
}

export function fail<Code extends ErrorCode>(code: Code, detail?: string, errors?: Problem['errors']): Failure<Code> {
  return { failure: code, detail, errors };
}

export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'failure' in value && typeof value.failure === 'string';
}
