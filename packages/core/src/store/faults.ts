/** The database could not be reached, or broke off: nothing is known to be wrong with the request, trying later makes sense. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/**
 * The token is genuine, but the database says otherwise by now: the device was revoked, the person disabled or given
 * another role. Signing in or enrolling again tells them which.
 */
export class CallerRefused extends Error {
  override readonly name = 'CallerRefused';
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

/** Whether a failed transaction is worth another try: its connection broke, it lost against another, or the fault is ours. */
export function classify(error: unknown): 'connection' | 'conflict' | 'ours' {
  if (!(error instanceof Error)) return 'ours';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (connectionCodes.has(code) || connectionStates.test(code)) return 'connection';
  if (conflictStates.test(code)) return 'conflict';
  // pg gives these no code.
  if (
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/.test(
      error.message,
    )
  ) {
    return 'connection';
  }
  return 'ours';
}

/** Whether a statement failed because a unique key is taken. Its transaction can only be rolled back. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}
