import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@spinbay/contracts/user-error';
import type { Database } from './database.ts';

/**
 * Binds the folder of the objects to its database by storing the id of the database in it. Run this before files without a
 * row are removed, because another database has no row for any of them.
 * @throws UserError if the folder has files of another database
 */
export async function claimFolder(folder: string, database: Database): Promise<void> {
  const [store] = await database.query<{ id: string }>('select id from local_cloud.store');
  if (store === undefined) throw new Error('local_cloud.store has no row');
  const file = join(folder, 'database-id');
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (known?.trim() === store.id) return;
  if (known !== undefined || !(await isUnclaimed(folder, database))) {
    throw new UserError(
      `The objects in ${folder} belong to another database, and this database has no rows for them. Use the database with which they were stored (DATABASE_URL of "npm start", otherwise SPINBAY_CLOUD_DATABASE_URL), or choose another data folder (SPINBAY_DATA_DIR).`,
    );
  }
  const draft = await open(`${file}.new`, 'w');
  try {
    await draft.writeFile(`${store.id}\n`);
    await draft.sync();
  } finally {
    await draft.close();
  }
  await rename(`${file}.new`, file);
}

/**
 * Whether a folder without a database id may belong to this database: it is empty, or it has the file of an object of this
 * database. Such a folder is new, restored, or of an earlier version.
 */
async function isUnclaimed(folder: string, database: Database): Promise<boolean> {
  let isEmpty = true;
  for (const shard of await readdir(join(folder, 'blobs'))) {
    const ids = await readdir(join(folder, 'blobs', shard));
    if (ids.length === 0) continue;
    isEmpty = false;
    const found = await database.query('select from local_cloud.objects where blob::text = any($1) limit 1', [ids]);
    if (found.length > 0) return true;
  }
  return isEmpty;
}
