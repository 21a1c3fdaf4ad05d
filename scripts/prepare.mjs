// Prepares a checkout: installs the packages of the lock file, brings dist/ up to date, and reads .env.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle, withCheckoutLock } from './build.mjs';
import { readJson } from './json-file.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

function assertNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `Spinbay needs Node.js 20.19 or newer; this is ${process.versions.node}. Get a newer version from https://nodejs.org.`,
  );
  process.exit(1);
}

/**
 * Whether node_modules has every package of the lock file in the right version, except optional and peer packages. `dev`
 * includes the tools for tests and checks.
 */
function isInstalled(dev) {
  const installed = readJson(join(root, 'node_modules/.package-lock.json'))?.packages;
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  if (installed === undefined || wanted === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/') || entry.optional || entry.devOptional || entry.peer || (entry.dev && !dev))
      return true;
    return entry.link ? existsSync(join(root, path)) : installed[path]?.version === entry.version;
  });
}

/**
 * Installs missing packages; without `dev`, only those needed to run. Skips the install scripts of packages, because Spinbay
 * needs none of them.
 */
function install(dev) {
  // "ci" empties node_modules first, which would break a running installation.
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
 * `dev`: include the tools for tests and checks. `quiet`: print only work that was done, and to stderr, because stdout
 * belongs to the command that runs next. `build`: bring dist/ up to date.
 */
export async function prepare({ dev = false, quiet = false, build = true } = {}) {
  assertNode();
  const log = quiet ? console.error : console.log;
  const step = async (name, work) => {
    const began = performance.now();
    const worked = await work();
    if (worked || !quiet) log(`  ${name.padEnd(28)}${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s`);
  };
  await step('packages', () => {
    if (isInstalled(dev)) return false;
    return withCheckoutLock(() => {
      // Another process may have installed them while this one waited.
      if (isInstalled(dev)) return false;
      install(dev);
      return true;
    });
  });
  if (build) {
    await step('build', bundle);
  }
  // On Node.js 20 the SDK warns that its versions of 2027 will need a newer Node.js. Spinbay pins the SDK version.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // The environment takes precedence over the file.
  if (existsSync(join(root, '.env'))) process.loadEnvFile(join(root, '.env'));
}
