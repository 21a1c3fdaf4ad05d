// Makes a checkout ready to run: the packages of the lock file are installed, dist/ is up to date, .env is read.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function assertNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `Spinbay needs Node.js 20.19 or newer; this is ${process.versions.node}. Get one from https://nodejs.org.`,
  );
  process.exit(1);
}

/** Whether node_modules has every package of the lock file in its version; tools for tests and checks count with `dev`. */
function isInstalled(dev) {
  const installedFile = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/') || entry.optional || entry.devOptional || entry.peer || (entry.dev && !dev))
      return true;
    return entry.link ? existsSync(join(root, path)) : installed[path]?.version === entry.version;
  });
}

/**
 * Installs what is missing: only what running needs, unless `dev`. Packages' own install scripts are not run, none of
 * ours is needed.
 */
function install(dev) {
  // "ci" empties node_modules first, which would take the ground from under a running installation.
  const verb = existsSync(join(root, 'node_modules')) ? 'install' : 'ci';
  const flags = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...(dev ? ['--include=dev'] : ['--omit=dev']),
  ];
  const run = spawnSync('npm', [verb, ...flags], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (run.status === 0) return;
  console.error(`"npm ${verb}" failed. Is the package registry reachable? Run it by hand to see more.`);
  process.exit(1);
}

/**
 * @param {{ dev?: boolean, quiet?: boolean, build?: boolean }} options
 * `dev`: with the tools of tests and checks; `quiet`: say nothing when there is nothing to do, and nothing on stdout, which
 * belongs to the command that runs next; `build`: bring dist/ up to date
 */
export async function prepare({ dev = false, quiet = false, build = true } = {}) {
  assertNode();
  const say = quiet ? console.error : console.log;
  const step = async (name, work) => {
    const began = performance.now();
    const worked = await work();
    if (worked || !quiet) say(`  ${name.padEnd(28)}${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s`);
  };
  await step('packages', () => {
    if (isInstalled(dev)) return false;
    install(dev);
    return true;
  });
  if (build) {
    await step('build', async () => {
      const { build: bundle } = await import('./build.mjs');
      return bundle();
    });
  }
  // The SDK tells every process on Node.js 20 that its versions of 2027 will want a newer one; ours is pinned.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // The environment wins over the file.
  if (existsSync(join(root, '.env'))) process.loadEnvFile(join(root, '.env'));
}
