import { CommandError } from './terminal/command-error.ts';

/** Explains why PostgreSQL refuses the connection of DATABASE_URL. Null: the error is about something else. */
export function explainConnection(error: unknown): CommandError | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? error.code : undefined;
  if (code === '28P01' || code === '3D000') return new CommandError(`${error.message}. Check DATABASE_URL.`);
  // The error of the driver has no code.
  if (!/^SASL: .*password must be a string/.test(error.message)) return null;
  return new CommandError(
    'The database asks for a password, and DATABASE_URL has none. Add it, or name the secret with the password in DATABASE_SECRET.',
  );
}
