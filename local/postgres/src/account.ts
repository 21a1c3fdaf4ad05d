import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PostgresError } from './postgres-error.ts';

/** The user that PostgreSQL runs as. An undefined account means the user of this process. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root. Root therefore runs it as the owner of an existing database, or else as the system user
 * `postgres` or `nobody`.
 * @returns undefined if this process does not run as root
 * @throws PostgresError if the system has neither user
 */
export async function chooseAccount(clusterFolder?: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = clusterFolder === undefined ? undefined : await stat(clusterFolder).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  for (const name of ['postgres', 'nobody']) {
    const fields = users
      .split('\n')
      .map((line) => line.split(':'))
      .find((candidate) => candidate[0] === name);
    // macOS writes the uid of nobody as -2.
    if (fields) return { uid: Number(fields[2]) >>> 0, gid: Number(fields[3]) >>> 0 };
  }
  throw new PostgresError(
    'start_failed',
    'PostgreSQL does not run as root, and this system has neither a user "postgres" nor "nobody". Start Spinbay as a regular user.',
  );
}

const execute = 0o1;
const read = 0o4;

async function allows(account: Account, path: string, permission: number): Promise<boolean> {
  const { uid, gid, mode } = await stat(path);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  return ((mode >> shift) & permission) === permission;
}

/** Whether the account can traverse to `folder` and list it. Always true without an account. */
async function canReach(account: Account | undefined, folder: string): Promise<boolean> {
  if (!account) return true;
  for (let at = folder; ; at = dirname(at)) {
    if (!(await allows(account, at, at === folder ? execute | read : execute))) return false;
    if (at === dirname(at)) return true;
  }
}

/** Like `canReach`, but only for the parents of a folder that the account will own. */
export async function canReachParents(account: Account | undefined, folder: string): Promise<boolean> {
  if (!account) return true;
  for (let at = dirname(folder); ; at = dirname(at)) {
    if (!(await allows(account, at, execute))) return false;
    if (at === dirname(at)) return true;
  }
}

export async function canRead(account: Account | undefined, file: string): Promise<boolean> {
  return !account || ((await canReach(account, dirname(file))) && (await allows(account, file, read)));
}
