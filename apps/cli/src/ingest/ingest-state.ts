import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DeviceId, SessionId, type Slot } from '@spinbay/contracts';
import { z } from 'zod';
import { CommandError } from '../terminal/command-error.ts';

const Device = z.object({
  device_id: DeviceId,
  device_secret: z.string(),
  /** False until the server has confirmed the secret. If a run ends before that, the next run sends the same secret. */
  enrolled: z.boolean().default(true),
  /** A run that has a valid token does not refresh it. */
  token: z.object({ value: z.string(), expires_at: z.string() }).optional(),
});
export type KnownDevice = z.output<typeof Device>;

const KnownSession = z.object({
  session_id: SessionId,
  /** Start of the first run, in epoch milliseconds. */
  began: z.number().default(0),
  /** The slots assigned to photos, by SHA-256. */
  slots: z
    .record(z.string(), z.object({ angle_deg: z.number().nullable(), shot_name: z.string().nullable() }))
    .default({}),
  /** The fingerprints of files that `--watch` ignores, by name: files that were in the folder before, and undone photos. */
  ignored: z.record(z.string(), z.string()).default({}),
});

/** The session of a folder, and the slots planned for its photos before any was sent. */
export interface KnownSession {
  readonly session_id: SessionId;
  readonly began: number;
  readonly slots: Readonly<Record<string, Slot>>;
  readonly ignored?: Readonly<Record<string, string>>;
}

/** State that outlives a run: the identity of this device, and the session of each folder. Files have mode 0600. */
export interface IngestState {
  device(): Promise<KnownDevice | null>;
  storeDevice(device: KnownDevice): Promise<void>;
  /** Stores a new device before its enrolment. @returns this device, or that of another run that stored its own first */
  storeNewDevice(device: KnownDevice): Promise<KnownDevice>;
  /** Identifies this computer to the organization when it enrols again. Created once. */
  installationKey(): Promise<string>;
  session(key: readonly string[]): Promise<KnownSession | null>;
  storeSession(key: readonly string[], session: KnownSession): Promise<void>;
  /** The folder in which the outbox of a session stores its rows. */
  outboxFolder(id: SessionId): string;
}

/** `$XDG_STATE_HOME/spinbay`; by default `~/.local/state/spinbay`. */
export function defaultStateFolder(environment: Readonly<Record<string, string | undefined>>): string {
  return join(environment.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'spinbay');
}

export function openIngestState(folder: string, api: string, orgId: string): IngestState {
  const fileOf = (...key: readonly string[]) =>
    join(
      folder,
      `${createHash('sha256')
        .update(JSON.stringify([api, orgId, ...key]))
        .digest('hex')
        .slice(0, 32)}.json`,
    );
  return {
    device: () => read(fileOf('device'), Device),
    storeDevice: (device) => write(folder, fileOf('device'), device),
    storeNewDevice: async (device) => {
      if (await writeNew(folder, fileOf('device'), device)) return device;
      const other = await read(fileOf('device'), Device);
      if (other !== null) return other;
      // A damaged file would make each run enrol again.
      await write(folder, fileOf('device'), device);
      return device;
    },
    installationKey: async () => {
      const file = fileOf('installation');
      await writeNew(folder, file, randomBytes(32).toString('base64url'));
      const key = await read(file, z.string());
      if (key === null)
        throw new CommandError(`${file} is damaged. Remove it. This computer then enrols as a new device.`);
      return key;
    },
    session: (key) => read(fileOf('session', ...key), KnownSession),
    storeSession: (key, session) => write(folder, fileOf('session', ...key), session),
    outboxFolder: (id) => join(folder, 'outbox', id),
  };
}

/**
 * @returns null if the file is missing or damaged: this run then counts as the first one
 * @throws CommandError if the file cannot be read
 */
async function read<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new CommandError(
      `${file} cannot be read (${code}). Make it readable for this user. If you remove it, this computer enrols again.`,
    );
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function write(folder: string, file: string, value: unknown): Promise<void> {
  await rename(await writeDraft(folder, file, value), file);
}

/** @returns false if the file already exists */
async function writeNew(folder: string, file: string, value: unknown): Promise<boolean> {
  const draft = await writeDraft(folder, file, value);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDraft(folder: string, file: string, value: unknown): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify(value));
    // Otherwise a power failure after the rename could leave an empty file.
    await handle.sync();
  } finally {
    await handle.close();
  }
  return draft;
}
