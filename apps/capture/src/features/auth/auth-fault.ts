import { ApiError, ConnectionError, UnreadableReply } from '@spinbay/client';

/** Why a device could not be enrolled or refreshed. The texts explain each fault and what to do. */
export type AuthFault =
  | 'code_required'
  | 'code_malformed'
  | 'code_invalid'
  | 'code_used'
  | 'code_expired'
  | 'org_unknown'
  | 'org_missing'
  | 'other_server'
  | 'revoked'
  | 'blocked'
  | 'secret_invalid'
  | 'busy'
  | 'offline'
  | 'unreadable'
  | 'not_stored'
  | 'refused';

/** The device could not store its credentials, for example because it is full. */
export class NotStored extends Error {
  override readonly name = 'NotStored';
}

const byCode: Readonly<Record<string, AuthFault>> = {
  enrolment_code_required: 'code_required',
  enrolment_code_invalid: 'code_invalid',
  enrolment_code_used: 'code_used',
  enrolment_code_expired: 'code_expired',
  org_unknown: 'org_unknown',
  device_revoked: 'revoked',
  device_blocked: 'blocked',
  device_secret_invalid: 'secret_invalid',
  rate_limited: 'busy',
  unavailable: 'busy',
  internal: 'busy',
};

export function authFaultOf(error: unknown): AuthFault {
  if (error instanceof NotStored) return 'not_stored';
  if (error instanceof ConnectionError) return 'offline';
  if (error instanceof UnreadableReply) return 'unreadable';
  if (error instanceof ApiError) return byCode[error.code] ?? (error.status >= 500 ? 'busy' : 'refused');
  throw error;
}

/** Whether a later retry may work. The enrolment itself is still valid. */
export function isTemporary(fault: AuthFault): boolean {
  return fault === 'offline' || fault === 'busy' || fault === 'unreadable' || fault === 'not_stored';
}

/** Whether the server no longer accepts this device, whichever code it sends. */
export function isEnded(fault: AuthFault): boolean {
  return fault === 'revoked' || fault === 'secret_invalid';
}
