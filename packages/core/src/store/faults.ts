/**
 * The database could not be reached, closed the connection, or took too long. The request itself may be fine, so a retry
 * makes sense.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** Too many transactions are running and waiting: of this caller, of their organization, or in total. */
export class StoreBusy extends Error {
  override readonly name = 'StoreBusy';
  readonly scope: 'caller' | 'organization' | 'server';

  constructor(scope: StoreBusy['scope']) {
    super(`too many transactions at the same time for this ${scope}`);
    this.scope = scope;
  }
}

/**
 * The token is genuine but outdated: the device was revoked, the person was disabled, signed out or has another role, or the
 * organization is being erased. The next sign-in or enrolment gives the exact reason.
 */
export class CallerRefused extends Error {
  override readonly name = 'CallerRefused';
}

/**
 * A transaction that may write reached a server that only reads, such as the former primary after a failover. Another connection
 * may reach the new primary.
 */
export class ReadOnlyServer extends Error {
  override readonly name = 'ReadOnlyServer';
}

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** Class 08: connection exceptions. 57P01..03: shut down, crashed, starting up. 53300: too many connections. */
const connectionStates = /^(08...|57P0[123]|53300)$/;
/** 40001: serialization failure. 40P01: deadlock. */
const conflictStates = /^(40001|40P01)$/;

/** Why a transaction failed. It can be retried if its connection broke or if it conflicted with another one. */
export function classify(error: unknown): 'connection' | 'conflict' | 'timeout' | 'other' {
  if (!(error instanceof Error)) return 'other';
  if (error instanceof ReadOnlyServer) return 'connection';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (connectionCodes.has(code) || connectionStates.test(code)) return 'connection';
  if (conflictStates.test(code)) return 'conflict';
  // 57014: cancelled, here by the statement timeout.
  if (code === '57014') return 'timeout';
  // pg gives these no code.
  if (
    /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/.test(
      error.message,
    )
  ) {
    return 'connection';
  }
  return 'other';
}

/** Whether a statement that writes was refused because its transaction is read-only. */
export function isReadOnlyViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '25006';
}

/** Whether a statement violated a unique constraint. Its transaction can only be rolled back. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}
