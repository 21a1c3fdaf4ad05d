// `node copy-externals.mjs FOLDER`: the packages that the bundles leave outside, with all that these need, from the
// node_modules of the checkout.
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = process.argv[2];
if (target === undefined) throw new Error('Usage: node copy-externals.mjs FOLDER');

/** See `external` of scripts/build.mjs. The local database is no part of an image. */
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
  // A package of its own below another one comes with that.
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
  // Of the optional ones those that were installed: native code of this platform.
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) waiting.push({ name, from: folder });
}

/** As Node.js looks for a package: beside, then above. */
function find(name, from) {
  for (let folder = from; folder.startsWith(root.replace(/\/$/, '')); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}
