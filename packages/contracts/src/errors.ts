import { z } from 'zod';

/**
 * Every error that the API can answer with: its stable code, its HTTP status and its title. Clients decide on `code`,
 * never on a text. The last part of a title says what to do where that is not plain.
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
  forbidden: { status: 403, title: 'Your role may not do this.' },
  enrolment_code_required: {
    status: 403,
    title: 'This organization enrols devices by code. Ask an administrator for one.',
  },
  enrolment_code_invalid: {
    status: 403,
    title: 'This enrolment code is not right. Type it again, or ask an administrator for a new one.',
  },
  enrolment_code_used: {
    status: 403,
    title: 'A device was enrolled with this code already. Ask an administrator for a new one.',
  },
  enrolment_code_expired: {
    status: 403,
    title: 'This enrolment code has run out or was withdrawn. Ask an administrator for a new one.',
  },
  device_revoked: { status: 403, title: 'This device was revoked by an administrator.' },
  own_session_required: {
    status: 403,
    title: 'A device or an operator corrects a vehicle only during their own active session of it. Ask a reviewer.',
  },
  user_not_in_org: { status: 403, title: 'You are signed in, but no organization here knows this email address.' },
  route_not_found: { status: 404, title: 'There is no such route.' },
  user_not_found: { status: 404, title: 'There is no such person in your organization.' },
  device_not_found: { status: 404, title: 'There is no such device in your organization.' },
  enrolment_code_not_found: { status: 404, title: 'There is no such enrolment code in your organization.' },
  site_not_found: { status: 404, title: 'There is no such site, or it is not yours.' },
  vehicle_not_found: { status: 404, title: 'There is no such vehicle, or it is not yours.' },
  session_not_found: { status: 404, title: 'There is no such session, or it is not yours.' },
  image_not_found: { status: 404, title: 'There is no such image, or it is not yours.' },
  org_choice_required: {
    status: 409,
    title: 'You belong to several organizations. Sign in again with the org_id of one of them.',
  },
  email_taken: { status: 409, title: 'Somebody of your organization has this email address already.' },
  site_name_taken: { status: 409, title: 'Another site of your organization has this name already.' },
  erasure_unconfirmed: {
    status: 409,
    title: 'This is still being shot, or has published photos. Ask again with confirm=true to erase it all the same.',
  },
  organization_name_differs: {
    status: 409,
    title: 'This is not the name of your organization. Send its exact name to erase it.',
  },
  last_admin: {
    status: 409,
    title: 'This is the last administrator who can still sign in. Make somebody else one first.',
  },
  vehicle_conflict: { status: 409, title: 'This stock number and this VIN belong to different vehicles of this site.' },
  session_conflict: { status: 409, title: 'Another session with this id exists already.' },
  session_state_conflict: { status: 409, title: 'The session is not in a state that allows this.' },
  session_not_active: { status: 409, title: 'The session takes no more images. Reopen it, or start a new one.' },
  image_conflict: { status: 409, title: 'This image_id was used for another photo. Take a new one.' },
  image_not_publishable: { status: 409, title: 'Only an image that was measured can be published.' },
  override_required: {
    status: 409,
    title: 'This image failed quality control. Publish it with "override": true, or have it shot again.',
  },
  preview_only: {
    status: 409,
    title: 'Only the preview of this image has come. Wait for its original, or publish it with "preview": true.',
  },
  upload_missing: {
    status: 409,
    title: 'The object store does not have this photo. PUT it to its upload_url first.',
  },
  body_too_large: { status: 413, title: 'The request body is too large.' },
  image_too_large: {
    status: 413,
    title: 'This photo is larger than 64 MiB. Export it smaller, or send the original JPEG.',
  },
  unsupported_media_type: { status: 415, title: 'The request body must be application/json.' },
  slot_not_in_shot_list: { status: 422, title: 'This angle or shot is not in the shot list of the session.' },
  rate_limited: { status: 429, title: 'Too many requests. Wait for the seconds that Retry-After gives.' },
  internal: {
    status: 500,
    title: 'Something went wrong here. Try again; if it stays, tell the operator the request id.',
  },
  unavailable: { status: 503, title: 'A part that is needed is not reachable just now. Try again in a moment.' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorTable;

/** The codes that the HTTP binding itself may answer with: a route need not declare them (`errorsOf` says which apply). */
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
  path: z.string().meta({ description: 'where in the request, e.g. body.vehicle.vin' }),
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
      .meta({ description: 'with org_choice_required: those that can be chosen from' }),
    request_id: z.string().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof Problem>;

/** As a client reads it: a server of a later release may have codes that this one does not know. */
export const AnyProblem = Problem.extend({ code: z.string() });
export type AnyProblem = z.output<typeof AnyProblem>;

/**
 * An expected refusal, as a value. A handler returns it (`return fail('session_not_found')`), so that the compiler can
 * hold it against the codes which the route declares; a transaction that returns one is rolled back.
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
