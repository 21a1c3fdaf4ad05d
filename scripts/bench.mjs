// `npm run bench`: runs every benchmark of bench/. `npm run bench -- NAME [arguments]`: runs one of them. Each runs in a
// separate process, prints its figures as ratios to a peer or a bound of the same run, and fails if one misses its target.
import { readdirSync, rmSync } from 'node:fs';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { external, forNode } from './build.mjs';
import { prepare } from './prepare.mjs';
import { runChild } from './run-child.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundles = join(root, 'node_modules/.cache/spinbay-bench');

const files = readdirSync(join(root, 'bench')).filter((file) => /(?<!\.test)\.(ts|mjs)$/.test(file));
const names = files.map((file) => parse(file).name).sort();
const [wanted, ...args] = process.argv.slice(2);
if (wanted !== undefined && !names.includes(wanted)) {
  console.error(`There is no benchmark "${wanted}". The benchmarks are ${names.join(', ')}.`);
  process.exit(1);
}

await prepare({ dev: true, quiet: true });
await bundle();
const failed = [];
for (const name of wanted === undefined ? names : [wanted]) {
  console.log(`\n== ${name} ==\n`);
  const began = performance.now();
  const status = await run(name);
  console.log(`\n${status === 0 ? 'ok  ' : 'FAIL'}  ${name} (${((performance.now() - began) / 1000).toFixed(0)} s)`);
  if (status !== 0) failed.push(name);
}
process.exit(failed.length === 0 ? 0 : 1);

/** Bundles the benchmarks in TypeScript and their peers, because Node.js 20 does not run TypeScript. */
async function bundle() {
  const peers = readdirSync(join(root, 'bench/peers')).map((file) => `peers/${file}`);
  const sources = [...files, ...peers].filter((file) => file.endsWith('.ts'));
  rmSync(bundles, { recursive: true, force: true });
  const esbuild = await import('esbuild');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: sources.map((file) => `bench/${file}`),
    outdir: bundles,
    outbase: 'bench',
    outExtension: { '.js': '.mjs' },
    ...forNode,
    external: [...external, 'autocannon', 'axe-core', 'playwright-core'],
  });
  await esbuild.stop();
}

/** @returns {Promise<number>} the exit status of the benchmark */
function run(name) {
  const file = files.includes(`${name}.ts`) ? join(bundles, `${name}.mjs`) : join(root, 'bench', `${name}.mjs`);
  return runChild(process.execPath, ['--enable-source-maps', file, ...args], root);
}
