import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Installs the packages of a folder that has its own lock file, unless they are installed. Ends the process on failure. */
export function installPackages(folder) {
  const lock = join(folder, 'package-lock.json');
  const installed = join(folder, 'node_modules/.spinbay-lock');
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(lock))) return;
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    timeout: 30 * 60_000,
  });
  if (status !== 0) {
    console.error(`The installation of the packages of ${folder} failed.`);
    process.exit(1);
  }
  copyFileSync(lock, installed);
}
