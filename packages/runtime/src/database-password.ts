import type { Logger } from './log.ts';
import { type AwsSecret, openSecret, SecretError, type SecretSource } from './secret-source.ts';

/**
 * Returns the password for a new connection.
 * @param refused the password that the database refused last, or undefined
 */
export type DatabasePassword = (refused: string | undefined) => Promise<string>;

/**
 * Follows a database password that is rotated while processes run: reads the secret now, and again when the database
 * refuses the password. If the secret cannot be read again, the last password stays in use.
 * @throws SecretError if the secret cannot be read at the start
 */
export async function followDatabasePassword(
  source: SecretSource,
  onFault: (error: unknown) => void,
): Promise<DatabasePassword> {
  let known = await passwordOf(source);
  return async (refused) => {
    if (known === refused) {
      try {
        known = await nextPassword(source, refused);
      } catch (error) {
        onFault(error);
      }
    }
    return known;
  };
}

/**
 * Follows the password in the secret that DATABASE_SECRET names.
 * @returns undefined if it is not set: DATABASE_URL has the password
 */
export async function openDatabasePassword(
  { DATABASE_SECRET: location }: { readonly DATABASE_SECRET?: string | undefined },
  log: Logger,
): Promise<DatabasePassword | undefined> {
  if (location === undefined) return undefined;
  return followDatabasePassword(openSecret(location), (error) =>
    log.error({ err: error }, 'the database password cannot be read again; the last one stays in use'),
  );
}

async function nextPassword(source: SecretSource, refused: string): Promise<string> {
  const current = await passwordOf(source);
  if (current !== refused || !('readPending' in source)) return current;
  // A rotation changes the database first. The new value becomes the current one a few seconds later.
  const pending = await (source as AwsSecret).readPending();
  return pending === null ? current : parsePassword(source.name, pending);
}

/** Adds the password of a secret to a database URL, for commands that connect once. @param location see `openSecret` */
export async function databaseUrlWith(url: string, location: string | undefined): Promise<string> {
  if (location === undefined) return url;
  const complete = new URL(url);
  complete.password = encodeURIComponent(await passwordOf(openSecret(location)));
  return complete.toString();
}

/** Reads the member `password` of the secret's JSON, as Amazon RDS writes it. @throws SecretError */
export async function passwordOf(source: SecretSource): Promise<string> {
  return parsePassword(source.name, await source.read());
}

function parsePassword(name: string, text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SecretError(`${name} is not JSON. It must be an object with a member "password".`, 'not JSON');
  }
  const password = typeof value === 'object' && value !== null && 'password' in value ? value.password : undefined;
  if (typeof password !== 'string' || password === '')
    throw new SecretError(`${name} has no member "password" of type string.`, 'no password');
  return password;
}
