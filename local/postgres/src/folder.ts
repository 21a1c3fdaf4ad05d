import { chmod, mkdir, open } from 'node:fs/promises';

/** Makes a folder that others can walk through whatever the umask is; one that exists is left as it is. */
export async function makeStateFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) await chmod(folder, 0o755);
}

/** Makes a rename or a new file within `folder` outlast a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
