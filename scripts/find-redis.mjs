// Finds a Redis server for the rate limit tests: SPINBAY_TEST_REDIS, the system's, or Debian's binary, which it installs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** This package installs no system service. Its binary contains the server, and runs it when started under another name. */
const debian = { package: 'redis-tools', binary: '/usr/bin/redis-check-rdb' };

/** @returns {string} path of an executable. Without one, ends the process with instructions. */
export function findRedis() {
  const found = process.env.SPINBAY_TEST_REDIS || onPath() || install();
  if (found) return found;
  console.error(
    'The rate limit tests need a Redis server. None was found, and none could be installed.\nInstall one (for example "apt-get install redis-server" or "brew install redis"), or set SPINBAY_TEST_REDIS to its executable.',
  );
  process.exit(1);
}

function onPath() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...folders.map((folder) => join(folder, 'redis-server')), debian.binary].find((path) => existsSync(path));
}

function install() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  console.log('No Redis server found for the rate limit tests; installing one.');
  const quiet = { stdio: 'ignore', timeout: 300_000 };
  spawnSync('apt-get', ['update', '-qq'], quiet);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', debian.package], quiet);
  return existsSync(debian.binary) ? debian.binary : undefined;
}
