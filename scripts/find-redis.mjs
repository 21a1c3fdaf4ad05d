// A Redis server for the tests of the rate limits: the one named, the system's, else Debian's binary.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The package with the binary only: its other name makes it a server, and no system service comes with it. */
const debian = { package: 'redis-tools', binary: '/usr/bin/redis-check-rdb' };

/** @returns {string} path of an executable; ends the process with what to do when there is none and none can be installed */
export function findRedis() {
  const found = process.env.SPINBAY_TEST_REDIS || onPath() || install();
  if (found) return found;
  console.error(
    'The tests of the rate limits need a Redis server, and none was found or could be installed.\nInstall one (e.g. "apt-get install redis-server", "brew install redis") or set SPINBAY_TEST_REDIS to its executable.',
  );
  process.exit(1);
}

function onPath() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...folders.map((folder) => join(folder, 'redis-server')), debian.binary].find((path) => existsSync(path));
}

function install() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  console.log('No Redis server found for the tests of the rate limits; installing one.');
  const quiet = { stdio: 'ignore', timeout: 300_000 };
  spawnSync('apt-get', ['update', '-qq'], quiet);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', debian.package], quiet);
  return existsSync(debian.binary) ? debian.binary : undefined;
}
