// Bundles a TypeScript program of tests/ and runs it with the arguments of this command. Exits with its status.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forNode } from './build.mjs';
import { prepare } from './prepare.mjs';

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
  const child = spawn(process.execPath, ['--enable-source-maps', bundle, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => child.kill(name));
  const [status] = await once(child, 'exit');
  process.exit(status ?? 1);
}
