import { statfs } from 'node:fs/promises';
import { maxImageBytes } from '@spinbay/contracts';
import { diskReserve } from '@spinbay/local-cloud/set-up';

/**
 * The free space of the disk with the local object store.
 * @throws an error if the store may refuse the next photo
 */
export async function describeDiskSpace(folder: string, measure = freeBytes): Promise<string> {
  const free = await measure(folder);
  const text = `${Math.floor(free / 2 ** 20)} MiB free on the disk of ${folder}`;
  if (free >= diskReserve + maxImageBytes) return text;
  throw new Error(
    `${text}. Photos are refused if less than ${diskReserve / 2 ** 20} MiB would remain free. Free some space: the database needs it too.`,
  );
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
