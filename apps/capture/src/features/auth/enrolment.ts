import { EnrolmentCode } from '@spinbay/contracts';

/** An enrolment from an administrator: only a code, or the content of a QR code. */
export interface Enrolment {
  readonly code?: string;
  readonly org_id?: string;
  /** The installation that the code belongs to. */
  readonly api?: string;
}

/** @returns null for a text that is not a code, and an enrolment without a code for an empty text */
export function parseEnrolment(text: string): Enrolment | null {
  const trimmed = text.trim();
  if (trimmed === '') return {};
  const address = parseAddress(trimmed);
  if (address !== null) return address;
  return EnrolmentCode.safeParse(trimmed).success ? { code: trimmed } : null;
}

/** `spinbay://enrol?api=...&org_id=...&code=...`, or the address of the app with the same parameters after `#`. */
function parseAddress(text: string): Enrolment | null {
  const fields = /^[a-z]+:\/\/[^#?]*[?#](.+)$/i.exec(text)?.[1] ?? /^#(.+)$/.exec(text)?.[1];
  if (fields === undefined) return null;
  const parameters = new URLSearchParams(fields.replace(/^.*#/, ''));
  const { code, org_id, api } = Object.fromEntries(parameters);
  if (code !== undefined && !EnrolmentCode.safeParse(code).success) return null;
  if (code === undefined && org_id === undefined) return null;
  return {
    ...(code === undefined ? {} : { code }),
    ...(org_id === undefined ? {} : { org_id: org_id.toLowerCase() }),
    ...(api === undefined ? {} : { api: api.replace(/\/$/, '') }),
  };
}
