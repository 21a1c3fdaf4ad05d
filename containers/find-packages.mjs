import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/**
 * Finds packages and all their dependencies in the node_modules of the checkout. Optional dependencies that are not installed are
 * left out: they are native code of other platforms.
 * @param {string[]} names
 * @param {string} from the folder whose packages these are
 */
export function findPackages(names, from = root) {
  const waiting = names.map((name) => ({ name, from }));
  const found = new Map();
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const folder = find(next.name, next.from);
    if (folder === undefined || found.has(folder)) continue;
    const { version, license, dependencies = {}, optionalDependencies = {} } = readPackage(folder);
    found.set(folder, { name: next.name, version, licence: license, folder });
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) waiting.push({ name, from: folder });
  }
  return [...found.values()];
}

export function readPackage(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Resolves a package like Node.js: in this folder, then in its parents. */
function find(name, from) {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}
