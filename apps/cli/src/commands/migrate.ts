import { fileURLToPath } from 'node:url';
import { ensureAppRole, migrate as migrateDatabase } from '@spinbay/core';
import { databaseUrlWith, openSecret, passwordOf, readSettings } from '@spinbay/runtime';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';

const usage = 'migrate';

export const migrate = {
  usage,
  about:
    'Brings the database of DATABASE_URL up to date, as the role that owns its tables. Run it before a new version is started; the version before goes on meanwhile.',
  details:
    '  With DATABASE_APP_SECRET it first makes the role of API and worker where that is missing.\n  Several at once wait for each other, and a migration that fails changes nothing. "npm start" migrates the local\n  database by itself.',
  run,
};

async function run(args: string[]): Promise<number> {
  parseFlags(usage, args, {});
  const settings = readSettings(process.env, ['DATABASE_URL'], ['DATABASE_SECRET', 'DATABASE_APP_SECRET']);
  const ownerUrl = await databaseUrlWith(settings.DATABASE_URL, settings.DATABASE_SECRET);
  // The migrations lie beside the bundle of this command.
  const dir = fileURLToPath(new URL('./migrations/', import.meta.url));
  try {
    if (settings.DATABASE_APP_SECRET !== undefined) {
      const made = await ensureAppRole(ownerUrl, await passwordOf(openSecret(settings.DATABASE_APP_SECRET)));
      if (made) console.log('made  the role spinbay_app');
    }
    const names = await migrateDatabase({ ownerUrl, dir, log: (line) => console.error(line) });
    for (const name of names) console.log(`done  ${name}`);
    console.log(
      names.length === 0
        ? 'The database is up to date.'
        : `The database is up to date: ${names.length} migrations run.`,
    );
    return 0;
  } catch (error) {
    throw inWords(error);
  }
}

function inWords(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === '42501') {
    return new CommandError(
      'The role of DATABASE_URL may not change the tables. Give that of the role which owns them (spinbay_owner).',
    );
  }
  if (code === '28P01' || code === '3D000') return new CommandError(`${(error as Error).message}. Check DATABASE_URL.`);
  if (/^E[A-Z]+$/.test(code)) {
    return new CommandError(`The database does not answer (${code}). Is it running, and is DATABASE_URL right?`);
  }
  return error;
}
