// `npm run check:native`: checks the capture app for iOS and Android: types, tests, the bundles of both systems, and the
// native projects that Expo generates. First installs the packages of the lock file of apps/capture-native, unless they are
// installed. Only that needs a network.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFaults } from './check-native-bundle.mjs';
import { projectFaults } from './check-native-project.mjs';
import { installPackages } from './install-packages.mjs';
import { resultsFile } from './test-results.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const native = join(root, 'apps/capture-native');
const expo = join(native, 'node_modules/expo/bin/cli');
const environments = {
  dev: { SPINBAY_NATIVE_ENV: 'dev' },
  production: { SPINBAY_NATIVE_ENV: 'production', SPINBAY_NATIVE_API_URL: 'https://api.example.com' },
};
/** The time limit of a step. The slowest one, the bundles, took 9 minutes on a busy machine with two cores. */
const stepTimeoutMs = 30 * 60_000;
const began = performance.now();

step('packages, from the registry unless they are installed', () => installPackages(native));
console.log('      The other steps need no network.');
step('types', () => run([join(native, 'node_modules/typescript/bin/tsc'), '-p', native]));
step('tests', () =>
  run([join(native, 'node_modules/jest/bin/jest.js'), '--json', `--outputFile=${resultsFile('native')}`]),
);
step('settings of a build', settingsFaults);
step('bundles', exportBundles);
for (const name of Object.keys(environments)) step(`native projects, ${name}`, () => generateProjects(name));
console.log(`ok    all in ${seconds(began)}`);

/** Checks that the app gets its settings, and that a build with an invalid one fails and names it. */
function settingsFaults() {
  const config = (settings) =>
    spawnSync(process.execPath, [expo, 'config', '--json'], {
      cwd: native,
      env: environment(settings),
      encoding: 'utf8',
      timeout: stepTimeoutMs,
    });
  const faults = [];
  const good = config(environments.production);
  const extra = good.status === 0 ? JSON.stringify(JSON.parse(good.stdout).extra) : good.stderr;
  const expected = JSON.stringify({
    environment: 'production',
    apiUrl: environments.production.SPINBAY_NATIVE_API_URL,
  });
  if (extra !== expected) faults.push(`the app gets the settings ${extra}, not ${expected}`);
  const bad = config({ SPINBAY_NATIVE_ENV: 'production', SPINBAY_NATIVE_API_URL: 'http://api.example.com' });
  if (bad.status === 0 || !bad.stderr.includes('SPINBAY_NATIVE_API_URL must begin with https://'))
    faults.push(`a bad setting does not end the build: ${bad.stdout}${bad.stderr}`);
  return faults;
}

/** Compiles both bundles to Hermes bytecode. */
function exportBundles() {
  const dist = join(native, 'dist');
  rmSync(dist, { recursive: true, force: true });
  run(
    [expo, 'export', '-p', 'android', '-p', 'ios', '--source-maps', '--output-dir', dist],
    native,
    environments.production,
  );
  return bundleFaults(dist, root);
}

/** Generates the projects in a copy, so that the folders of a developer are neither used nor changed. */
function generateProjects(name) {
  const copy = mkdtempSync(join(tmpdir(), 'spinbay-native-'));
  try {
    const project = join(copy, 'apps/capture-native');
    mkdirSync(project, { recursive: true });
    symlinkSync(join(root, 'apps/capture'), join(copy, 'apps/capture'), 'junction');
    symlinkSync(join(native, 'node_modules'), join(project, 'node_modules'), 'junction');
    for (const entry of readdirSync(native))
      if (!['node_modules', 'android', 'ios', 'dist', '.expo'].includes(entry))
        cpSync(join(native, entry), join(project, entry), { recursive: true });
    run([expo, 'prebuild', '--no-install', '--platform', 'all'], project, environments[name]);
    const written = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    const own = JSON.parse(readFileSync(join(native, 'package.json'), 'utf8'));
    const changed = JSON.stringify(written) === JSON.stringify(own) ? [] : ['prebuild changes package.json'];
    return [...changed, ...projectFaults(project, name)];
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function environment(settings) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('SPINBAY_NATIVE_'));
  return { ...Object.fromEntries(own), CI: '1', EXPO_OFFLINE: '1', EXPO_NO_TELEMETRY: '1', ...settings };
}

/** @throws Error if the command fails or does not end within the time limit */
function run(args, cwd = native, settings = {}) {
  const { status, error } = spawnSync(process.execPath, args, {
    cwd,
    env: environment(settings),
    stdio: 'inherit',
    timeout: stepTimeoutMs,
  });
  if (error?.code === 'ETIMEDOUT') throw new Error(`it did not end within ${stepTimeoutMs / 60_000} minutes`);
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with status ${status}`);
}

/** @param work returns what is wrong, or nothing */
function step(name, work) {
  const start = performance.now();
  try {
    const faults = work() ?? [];
    for (const fault of faults) console.error(`      ${fault}`);
    if (faults.length > 0) throw new Error('see above');
  } catch (error) {
    console.error(`FAIL  ${name} (${seconds(start)}): ${error.message}.`);
    process.exit(1);
  }
  console.log(`ok    ${name} (${seconds(start)})`);
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
