import type { Logger } from './log.ts';
import { type AwsSecret, openSecret, SecretError, type SecretSource } from './secret-source.ts';

/**
 * The password for a new connection.
 * @param refused the one that the database has refused last; undefined as long as it has refused none
 */
export type DatabasePassword = (refused: string | undefined) => Promise<string>;

/**
 * Follows the password of a secret that is rotated while processes run: it is read now, and again when the database
 * refuses it. While the secret cannot be read, the password from before goes on.
 * @throws SecretError where it cannot be read at the start
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

/** The same for the settings of a process. @returns undefined where DATABASE_URL has its password */
export async function openDatabasePassword(
  { DATABASE_SECRET: place }: { readonly DATABASE_SECRET?: string | undefined },
  log: Logger,
): Promise<DatabasePassword | undefined> {
  if (place === undefined) return undefined;
  return followDatabasePassword(openSecret(place), (error) =>
    log.error({ err: error }, 'the password of the database cannot be read again; the one from before goes on'),
  );
}

async function nextPassword(source: SecretSource, refused: string): Promise<string> {
  const current = await passwordOf(source);
  if (current !== refused || !('readPending' in source)) return current;
  // A rotation changes the database first, and only some seconds later makes the new value the current one.
  const pending = await (source as AwsSecret).readPending();
  return pending === null ? current : parsePassword(source.name, pending);
}

/** A database URL with the password of a secret in it, for commands that connect once. @param place see `openSecret` */
export async function databaseUrlWith(url: string, place: string | undefined): Promise<string> {
  if (place === undefined) return url;
  const complete = new URL(url);
  complete.password = encodeURIComponent(await passwordOf(openSecret(place)));
  return complete.toString();
}

/** The member `password` of a secret's JSON text, as Amazon RDS writes it. @throws SecretError */
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
    throw new SecretError(`${name} has no member "password" with a text.`, 'no password');
  return password;
}
