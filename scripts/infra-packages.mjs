import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const infra = join(root, 'infra');
export const tsx = join(infra, 'node_modules/.bin', process.platform === 'win32' ? 'tsx.cmd' : 'tsx');

/** Installs the packages of infra/ from its lock file, unless they are installed. */
export function installInfra() {
  const lock = join(infra, 'package-lock.json');
  const installed = join(infra, 'node_modules/.spinbay-lock');
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(lock))) return;
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: infra,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('The installation of the packages of infra/ failed.');
    process.exit(1);
  }
  copyFileSync(lock, installed);
}
