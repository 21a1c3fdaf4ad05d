import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DeviceId, SessionId } from '@spinbay/contracts';
import { z } from 'zod';

const Device = z.object({ device_id: DeviceId, device_secret: z.string() });
const KnownSession = z.object({ session_id: SessionId });

/** What must outlive a run: who this device is, and which session belongs to a folder. Files of mode 0600. */
export interface IngestState {
  device(): Promise<z.output<typeof Device> | null>;
  keepDevice(device: z.output<typeof Device>): Promise<void>;
  session(key: readonly string[]): Promise<SessionId | null>;
  keepSession(key: readonly string[], id: SessionId): Promise<void>;
}

/** `$XDG_STATE_HOME/spinbay`, which is `~/.local/state/spinbay` unless set. */
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
    keepDevice: (device) => write(folder, fileOf('device'), device),
    session: async (key) => (await read(fileOf('session', ...key), KnownSession))?.session_id ?? null,
    keepSession: (key, id) => write(folder, fileOf('session', ...key), { session_id: id }),
  };
}

async function read<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Not there, or damaged: then this is a first run.
    return null;
  }
}

async function write(folder: string, file: string, value: unknown): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(value), { mode: 0o600 });
  await rename(draft, file);
}
