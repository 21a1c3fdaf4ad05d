import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createSigningKeys } from '@spinbay/tokens';
import { z } from 'zod';
import { StackError } from './stack-error.ts';

const AccessKey = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });

/** Created at the first start with mode 0600, and never printed. */
const Secrets = z.object({
  postgresPassword: z.string(),
  ownerPassword: z.string(),
  appPassword: z.string(),
  cloudPassword: z.string(),
  /** Access keys of the local S3 and SQS server, one for each role. */
  accessKeys: z.object({
    admin: AccessKey,
    api: AccessKey,
    worker: AccessKey,
    // The secrets of an earlier version have no such key until this version starts for the first time.
    eraser: AccessKey.default(accessKey),
  }),
});
export type Secrets = z.output<typeof Secrets>;

const DemoUsers = z.array(z.object({ email: z.string(), name: z.string(), password: z.string() }));
export type DemoUsers = z.output<typeof DemoUsers>;

export interface DataFolder {
  readonly path: string;
  readonly secrets: Secrets;
  readonly users: DemoUsers;
  readonly signingKeys: string;
}

/** Reads the secrets in the data folder of a local installation, and creates them at the first start. */
export async function openDataFolder(
  path: string,
  people: readonly { email: string; name: string }[],
): Promise<DataFolder> {
  await addAccessKeys(join(path, 'secrets.json'));
  const secrets = await readOrMake(join(path, 'secrets.json'), Secrets, () => ({
    postgresPassword: secret(),
    ownerPassword: secret(),
    appPassword: secret(),
    cloudPassword: secret(),
    accessKeys: { admin: accessKey(), api: accessKey(), worker: accessKey(), eraser: accessKey() },
  }));
  const users = await readOrMake(join(path, 'demo-users.json'), DemoUsers, () =>
    people.map((person) => ({ ...person, password: password() })),
  );
  const signingKeys = signingKeysFile(path);
  if (!(await exists(signingKeys))) await createSigningKeys(signingKeys);
  return { path, secrets, users, signingKeys };
}

/** The secrets of earlier versions: with a single access key, and then without one for the eraser. */
const SingleKeySecrets = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }).loose();
const ThreeKeySecrets = z
  .object({ accessKeys: z.object({ worker: AccessKey, eraser: z.undefined().optional() }).loose() })
  .loose();

/**
 * Upgrades the secrets of an earlier version. A single key becomes the key of `admin`, because pending uploads are signed
 * with it.
 */
async function addAccessKeys(file: string): Promise<void> {
  const earlier = await readIfPresent(file, z.unknown());
  const single = SingleKeySecrets.safeParse(earlier);
  if (single.success) {
    const { accessKeyId, secretAccessKey, ...rest } = single.data;
    const admin = { accessKeyId, secretAccessKey };
    const accessKeys = { admin, api: accessKey(), worker: accessKey(), eraser: accessKey() };
    return writePrivate(file, { ...rest, accessKeys });
  }
  const three = ThreeKeySecrets.safeParse(earlier);
  if (three.success)
    await writePrivate(file, { ...three.data, accessKeys: { ...three.data.accessKeys, eraser: accessKey() } });
}

/** The file of the keys that sign tokens. */
export function signingKeysFile(path: string): string {
  return join(path, 'signing-keys.json');
}

/** Reads the secrets of an installation that was started before. @returns null if there is none */
export async function readSecrets(path: string): Promise<{ secrets: Secrets; users: DemoUsers } | null> {
  const secrets = await readIfPresent(join(path, 'secrets.json'), Secrets);
  const users = await readIfPresent(join(path, 'demo-users.json'), DemoUsers);
  // A first start that was interrupted may have written only one of them.
  return secrets === null || users === null ? null : { secrets, users };
}

/** @throws StackError if the folder cannot be created or written */
export async function makeDataFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o755 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new StackError(
      `The data folder ${path} cannot be written (${code}). Make it writable for this user, or set SPINBAY_DATA_DIR to another folder.`,
      { cause: error },
    );
  }
}

async function readOrMake<T>(file: string, schema: z.ZodType<T>, make: () => T): Promise<T> {
  const kept = await readIfPresent(file, schema);
  if (kept !== null) return kept;
  const value = make();
  await writePrivate(file, value);
  return value;
}

const restoreCopy = 'Restore a copy of the file. Without it, the data in its folder cannot be opened.';

/**
 * Reads a JSON file of the data folder.
 * @param ifDamaged what to do if the file has another shape
 * @returns null if there is no such file
 * @throws StackError if the file cannot be read or has another shape
 */
export async function readIfPresent<T>(file: string, schema: z.ZodType<T>, ifDamaged = restoreCopy): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT') return null;
    throw new StackError(
      `${file} cannot be read (${code}). Run the command as the user who runs Spinbay, or set SPINBAY_DATA_DIR to another folder.`,
      { cause: error },
    );
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new StackError(`${file} is damaged or comes from another version. ${ifDamaged}`, { cause: error });
  }
}

/** Writes JSON that only this user can read. */
export async function writePrivate(file: string, value: unknown): Promise<void> {
  await writeText(file, `${JSON.stringify(value, null, 2)}\n`, 0o600);
}

/** Writes the whole file or nothing, even if the power fails, with this mode regardless of the umask. */
export async function writeText(file: string, text: string, mode: number): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

/**
 * Whether a file or folder of this name exists.
 * @throws StackError if this cannot be determined: a new file could replace one that exists
 */
export async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return false;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StackError(`${file} cannot be accessed (${reason}). Give this user access to it and to its folder.`, {
      cause: error,
    });
  }
}

function accessKey(): z.output<typeof AccessKey> {
  return { accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`, secretAccessKey: secret() };
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}

/** Easy to copy by hand: no characters that look alike. 16 characters from a set of 31 give 79 bits. */
function password(): string {
  const symbols = 'abcdefghjkmnpqrstuvwxyz23456789';
  const picked = Array.from(randomBytes(64))
    .filter((byte) => byte < 248)
    .slice(0, 16);
  return picked
    .map((byte) => symbols[byte % 31])
    .join('')
    .replace(/(.{4})(?=.)/g, '$1-');
}
