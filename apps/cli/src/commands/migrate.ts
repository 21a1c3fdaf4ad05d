import * as core from '@spinbay/core';
import { databaseUrlWith, openSecret, passwordOf, readSettings } from '@spinbay/runtime';
import { explainConnection } from '../explain-connection.ts';
import { migrationsDir } from '../migrations-dir.ts';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { print, printError } from '../terminal/print.ts';

const usage = 'migrate';

export const migrate = {
  usage,
  about:
    'Migrates the database of DATABASE_URL, as the role that owns its tables. Run it before you start a new version; the previous version can run in the meantime.',
  details:
    '  With DATABASE_APP_SECRET it first creates the role of the API and the worker if it does not exist.\n  Concurrent migrations wait for each other, and a failed migration changes nothing. "npm start" migrates the local\n  database by itself.',
  run,
};

async function run(args: string[]): Promise<number> {
  parseFlags(usage, args, {});
  const settings = readSettings(process.env, ['DATABASE_URL'], ['DATABASE_SECRET', 'DATABASE_APP_SECRET']);
  const ownerUrl = await databaseUrlWith(settings.DATABASE_URL, settings.DATABASE_SECRET);
  try {
    if (settings.DATABASE_APP_SECRET !== undefined) {
      const made = await core.ensureAppRole(ownerUrl, await passwordOf(openSecret(settings.DATABASE_APP_SECRET)));
      if (made) print('done  role spinbay_app created');
    }
    const names = await core.migrate({ ownerUrl, dir: migrationsDir, log: printError });
    for (const name of names) print(`done  ${name}`);
    const count = names.length === 1 ? '1 migration' : `${names.length} migrations`;
    print(names.length === 0 ? 'The database is up to date.' : `The database is up to date after ${count}.`);
    return 0;
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === '42501') {
    return new CommandError(
      'The role in DATABASE_URL may not change the tables. Use the role that owns them (spinbay_owner).',
    );
  }
  if (/^E[A-Z]+$/.test(code)) {
    return new CommandError(`The database does not answer (${code}). Check that it runs, and check DATABASE_URL.`);
  }
  return explainConnection(error) ?? error;
}
