// `npm run check:native`: checks the capture app for iOS and Android: types, tests, the bundles of both systems, and the
// native projects that Expo generates. Installs the packages of apps/capture-native first; the rest needs no network.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFaults } from './check-native-bundle.mjs';
import { projectFaults } from './check-native-project.mjs';
import { installPackages } from './install-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const native = join(root, 'apps/capture-native');
const expo = join(native, 'node_modules/expo/bin/cli');
const environments = {
  dev: { SPINBAY_NATIVE_ENV: 'dev' },
  production: { SPINBAY_NATIVE_ENV: 'production', SPINBAY_NATIVE_API_URL: 'https://api.example.com' },
};

installPackages(native);
run('types', [join(native, 'node_modules/typescript/bin/tsc'), '-p', native]);
run('tests', [join(native, 'node_modules/jest/bin/jest.js')]);
checkSettings();
const dist = join(native, 'dist');
rmSync(dist, { recursive: true, force: true });
run(
  'bundles',
  [expo, 'export', '-p', 'android', '-p', 'ios', '--source-maps', '--output-dir', dist],
  environments.production,
);
report('content of the bundles', bundleFaults(dist, root));
for (const [name, env] of Object.entries(environments)) {
  // Prebuild writes its scripts into package.json.
  const before = readFileSync(join(native, 'package.json'), 'utf8');
  run(`native projects, ${name}`, [expo, 'prebuild', '--no-install', '--platform', 'all'], env);
  const changed = readFileSync(join(native, 'package.json'), 'utf8') !== before ? ['package.json was changed'] : [];
  report(`content of the native projects, ${name}`, [...changed, ...projectFaults(native, name)]);
}

/** The settings reach the app, and a build with a wrong value ends with the name of the value. */
function checkSettings() {
  const config = (settings) =>
    spawnSync(process.execPath, [expo, 'config', '--json'], {
      cwd: native,
      env: environment(settings),
      encoding: 'utf8',
    });
  const good = config(environments.production);
  const extra = good.status === 0 ? JSON.stringify(JSON.parse(good.stdout).extra) : good.stderr;
  const due = JSON.stringify({ environment: 'production', apiUrl: environments.production.SPINBAY_NATIVE_API_URL });
  report('the settings of a build', extra === due ? [] : [`${extra} and not ${due}`]);
  const bad = config({ SPINBAY_NATIVE_ENV: 'production', SPINBAY_NATIVE_API_URL: 'http://api.example.com' });
  const named = bad.stderr.includes('SPINBAY_NATIVE_API_URL must begin with https://');
  report('a bad setting ends the build', bad.status !== 0 && named ? [] : [`${bad.stdout}${bad.stderr}`]);
}

function environment(settings) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('SPINBAY_NATIVE_'));
  return { ...Object.fromEntries(own), CI: '1', EXPO_OFFLINE: '1', EXPO_NO_TELEMETRY: '1', ...settings };
}

function run(name, args, settings = {}) {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, args, { cwd: native, env: environment(settings), stdio: 'inherit' });
  if (status !== 0) fail(`${name} failed.`);
  console.log(`ok    ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

function report(name, faults) {
  for (const fault of faults) console.error(`      ${fault}`);
  if (faults.length > 0) fail(`${name}: see above.`);
  console.log(`ok    ${name}`);
}

function fail(message) {
  console.error(`FAIL  ${message}`);
  process.exit(1);
}
