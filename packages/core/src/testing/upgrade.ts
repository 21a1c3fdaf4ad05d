import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../migrate/migrate.ts';
import type { TestDatabase } from '../testing.ts';
import { migrationsDir } from './database-server.ts';

/**
 * Migrates the empty database of a test to an earlier version, in which the test then writes the rows of that time.
 * @param before the first migration that is left out, such as `0029`
 */
export async function migrateToBefore({ empty }: TestDatabase, before: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'spinbay-migrations-'));
  try {
    const files = readdirSync(migrationsDir).filter((name) => name < before);
    for (const file of files) cpSync(join(migrationsDir, file), join(folder, file));
    await migrate({ ownerUrl: empty.owner, log: () => undefined, dir: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Migrates the empty database of a test to the present version. */
export async function migrateToLatest({ empty }: TestDatabase): Promise<void> {
  await migrate({ ownerUrl: empty.owner, log: () => undefined, dir: migrationsDir });
}
