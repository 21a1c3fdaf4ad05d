import { UserError } from '@spinbay/contracts/user-error';

export type PostgresErrorCode =
  | 'binaries_missing'
  | 'disk_full'
  | 'folder_unusable'
  | 'port_taken'
  | 'start_failed'
  | 'version_mismatch'
  | 'wrong_password';

/** PostgreSQL cannot be started. The message explains why and what to do, for people without database experience. */
export class PostgresError extends UserError {
  override readonly name = 'PostgresError';
  readonly code: PostgresErrorCode;

  constructor(code: PostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Converts a file system error about `folder` to an error with an explanation. */
export function folderError(folder: string, error: unknown): PostgresError {
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, error);
  const why =
    code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
      ? 'cannot be read and written by this user'
      : `cannot be used (${error instanceof Error ? error.message : String(error)})`;
  return new PostgresError(
    'folder_unusable',
    `The data folder ${folder} ${why}. Give this user permission to read and write there, or choose another folder (SPINBAY_DATA_DIR).`,
    { cause: error },
  );
}

export function diskFull(folder: string, cause?: unknown): PostgresError {
  return new PostgresError(
    'disk_full',
    `The disk that holds ${folder} is full. Free some space (the database needs 200 MB at first) and start again.`,
    { cause },
  );
}
