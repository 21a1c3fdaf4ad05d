import { createStore, type Store } from '@spinbay/core';
import { ownerUrl, readEndpoints, readSecrets } from '@spinbay/local-stack';
import { readSettings } from '@spinbay/runtime';
import { CommandError } from '../terminal/command-error.ts';

export interface Installation {
  /** As the role that owns the tables. */
  readonly store: Store;
  /** Where devices reach its API, where that is known here. */
  readonly api: string | undefined;
  /** Where phones find its capture app, where that is known here. */
  readonly capture?: string | undefined;
}

/**
 * Runs some work on the database of `DATABASE_URL`, else on that of the installation which runs on this machine.
 * @throws CommandError where there is neither, or where the role or the database is the wrong one
 */
export async function withInstallation<T>(
  environment: Readonly<Record<string, string | undefined>>,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const { databaseUrl, ...addresses } = await findInstallation(environment);
  const store = createStore({ databaseUrl, poolSize: 1, applicationName: 'spinbay-org' });
  try {
    return await work({ store, ...addresses });
  } catch (error) {
    throw inWords(error);
  } finally {
    await store.close();
  }
}

async function findInstallation(environment: Readonly<Record<string, string | undefined>>) {
  const settings = readSettings(environment, ['SPINBAY_DATA_DIR'], ['DATABASE_URL', 'SPINBAY_API_URL']);
  const named = settings.DATABASE_URL;
  const local = await readEndpoints(settings.SPINBAY_DATA_DIR);
  const kept = await readSecrets(settings.SPINBAY_DATA_DIR);
  if (local !== null && kept !== null) {
    // `npm start` wants a DATABASE_URL that makes roles and databases: the tables are in the one that it made there.
    const isItsOwn = named === undefined || new URL(named).host === new URL(local.database).host;
    if (isItsOwn) {
      // On loopback there is no phone that could open the capture app.
      const phones = local.lan === undefined ? { api: local.api } : { api: local.lan.api, capture: local.capture };
      return { databaseUrl: ownerUrl(local.database, kept.secrets), ...phones };
    }
  }
  if (named !== undefined) return { databaseUrl: named, api: settings.SPINBAY_API_URL };
  throw new CommandError(
    'No Spinbay runs here, and DATABASE_URL names no database. Start it with "npm start", or set DATABASE_URL to the role that owns the tables (spinbay_owner).',
  );
}

/** PostgreSQL's own errors that say: the wrong role or the wrong database. */
function inWords(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === '42501')
    return new CommandError(
      'The role of DATABASE_URL may not do this. Give that of the role which owns the tables (spinbay_owner).',
    );
  if (code === '42P01')
    return new CommandError(
      'This database has no tables of Spinbay. Does DATABASE_URL name the right one, and was it migrated?',
    );
  if (code === '28P01' || code === '3D000') return new CommandError(`${(error as Error).message}. Check DATABASE_URL.`);
  if (error instanceof Error && error.name === 'StoreUnavailable')
    return new CommandError('The database does not answer. Is it running, and is DATABASE_URL right?');
  return error;
}
