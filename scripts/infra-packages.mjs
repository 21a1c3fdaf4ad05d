import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './install-packages.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const infra = join(root, 'infra');
export const tsx = join(infra, 'node_modules/.bin', process.platform === 'win32' ? 'tsx.cmd' : 'tsx');

export function installInfra() {
  installPackages(infra);
}
