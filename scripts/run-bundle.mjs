// Bundles a TypeScript program of tests/ and runs it with the arguments of this command. Exits with its status.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forNode } from './build.mjs';
import { prepare } from './prepare.mjs';
import { runChild } from './run-child.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} entry the program, such as tests/chaos/main.ts */
export async function runBundle(entry) {
  await prepare({ dev: true, quiet: true });
  const bundle = join(root, 'node_modules/.cache/spinbay-bundles', `${entry.replaceAll('/', '-')}.mjs`);
  const esbuild = await import('esbuild');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: bundle,
    ...forNode,
  });
  await esbuild.stop();
  process.exit(await runChild(process.execPath, ['--enable-source-maps', bundle, ...process.argv.slice(2)], root));
}
