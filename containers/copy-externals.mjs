// `node copy-externals.mjs FOLDER`: copies the packages that are not bundled, and their dependencies, from the node_modules
// of the checkout.
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = process.argv[2];
if (target === undefined) throw new Error('Usage: node copy-externals.mjs FOLDER');

/** See `external` in scripts/build.mjs. Images do not contain the local database. */
const waiting = ['sharp', 'libheif-js', '@fastify/swagger', '@fastify/swagger-ui', 'node-pg-migrate', 'pg'].map(
  (name) => ({
    name,
    from: root,
  }),
);
const copied = new Set();

for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
  const folder = find(next.name, next.from);
  if (folder === undefined || copied.has(folder)) continue;
  copied.add(folder);
  // A package nested in another one is copied with that one.
  if (
    !folder
      .slice(root.length)
      .replace(/^node_modules\//, '')
      .includes('node_modules/')
  )
    cpSync(folder, join(target, folder.slice(join(root, 'node_modules/').length)), {
      recursive: true,
      dereference: true,
    });
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  // Optional dependencies that are not installed are skipped: they are native code of other platforms.
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) waiting.push({ name, from: folder });
}

/** Resolves a package like Node.js: in this folder, then in its parents. */
function find(name, from) {
  for (let folder = from; folder.startsWith(root.replace(/\/$/, '')); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}
