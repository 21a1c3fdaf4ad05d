import { createStore, type Store } from '@spinbay/core';
import { isLocked, ownerUrl, readEndpoints, readSecrets } from '@spinbay/local-stack';
import { databaseUrlWith, readSettings } from '@spinbay/runtime';
import { explainConnection } from '../explain-connection.ts';
import { CommandError } from '../terminal/command-error.ts';

export interface Installation {
  /** Connected as the role that owns the tables. */
  readonly store: Store;
  /** The address at which devices reach the API, if known. */
  readonly api: string | undefined;
  /** The address of the capture app for phones, if known. */
  readonly capture?: string | undefined;
}

/**
 * Runs some work on the database of `DATABASE_URL`, or otherwise on that of the installation on this machine.
 * @throws CommandError if there is neither, or if the role or the database is wrong
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
    throw explain(error);
  } finally {
    await store.close();
  }
}

async function findInstallation(environment: Readonly<Record<string, string | undefined>>) {
  const optional = ['DATABASE_URL', 'DATABASE_SECRET', 'SPINBAY_API_URL'] as const;
  const settings = readSettings(environment, ['SPINBAY_DATA_DIR'], optional);
  const configured = settings.DATABASE_URL;
  const dataDir = settings.SPINBAY_DATA_DIR;
  const [local, stored] = await Promise.all([readEndpoints(dataDir), readSecrets(dataDir)]).catch(async (error) => {
    // If Spinbay runs here, its database may be on the server of DATABASE_URL under another name.
    if (configured === undefined || (await isLocked(dataDir))) throw error;
    return [null, null] as const;
  });
  if (local !== null && stored !== null) {
    // `npm start` creates its own database on the server of DATABASE_URL. That database has the tables.
    const isSameServer = configured === undefined || new URL(configured).host === new URL(local.database).host;
    if (isSameServer) {
      // A phone cannot reach a capture app on loopback.
      const phones = local.lan === undefined ? { api: local.api } : { api: local.lan.api, capture: local.capture };
      return { databaseUrl: ownerUrl(local.database, stored.secrets), ...phones };
    }
  }
  if (configured !== undefined) {
    const databaseUrl = await databaseUrlWith(configured, settings.DATABASE_SECRET);
    return { databaseUrl, api: settings.SPINBAY_API_URL };
  }
  throw new CommandError(
    'Spinbay does not run here, and DATABASE_URL is not set. Start Spinbay with "npm start", or set DATABASE_URL with the role that owns the tables (spinbay_owner).',
  );
}

/** Explains PostgreSQL's errors for a wrong role or a wrong database. */
function explain(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === '42501')
    return new CommandError(
      'The role in DATABASE_URL may not do this. Use the role that owns the tables (spinbay_owner).',
    );
  if (code === '42P01')
    return new CommandError(
      'This database has no Spinbay tables. Check DATABASE_URL, and run "spinbay migrate" if the database is new.',
    );
  if (error instanceof Error && error.name === 'StoreUnavailable')
    return new CommandError('The database does not answer. Check that it runs, and check DATABASE_URL.');
  return explainConnection(error) ?? error;
}
