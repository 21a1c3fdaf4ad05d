// `node copy-externals.mjs FOLDER PACKAGE...`: copies packages that are not bundled (`external` in scripts/build.mjs), and their
// dependencies, from the node_modules of the checkout.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { findPackages, root } from './find-packages.mjs';

const [target, ...names] = process.argv.slice(2);
if (names.length === 0) throw new Error('Usage: node copy-externals.mjs FOLDER PACKAGE...');

for (const { folder } of findPackages(names)) {
  const path = folder.slice(join(root, 'node_modules/').length);
  // A package nested in another one is copied with that one.
  if (!path.includes('node_modules/')) cpSync(folder, join(target, path), { recursive: true, dereference: true });
}
