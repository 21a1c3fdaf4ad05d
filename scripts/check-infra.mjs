// `npm run check:infra`: checks the AWS stacks: the types, a synth of every environment with all rules, a second synth that
// must give the same bytes, the tests of the templates, and docs/cost.md. Installs the packages of infra/ first.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { infra, installInfra, root, tsx } from './infra-packages.mjs';
import { prepare } from './prepare.mjs';
import { resultsFile } from './test-results.mjs';

const names = readdirSync(join(infra, 'environments')).map((file) => file.replace('.json', ''));

await prepare({ dev: true, quiet: true, build: false });
installInfra();
step('costs', 'scripts/cost.mjs', '--check');
step('types', 'node_modules/typescript/bin/tsc', '-p', 'infra');
const first = join(infra, 'cdk.out');
const second = mkdtempSync(join(tmpdir(), 'spinbay-synth-'));
try {
  synth(first);
  synth(second);
  const differing = names.filter((name) => digestOf(join(first, name)) !== digestOf(join(second, name)));
  if (differing.length > 0) fail(`Two synths of ${differing.join(', ')} differ. Compare ${first} and ${second}.`);
} finally {
  rmSync(second, { recursive: true, force: true });
}
console.log('ok    both synths have the same bytes');
const results = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultsFile('infra')}`];
step('tests', 'node_modules/vitest/vitest.mjs', 'run', '--root', 'infra', ...results);

function synth(out) {
  const environments = names.flatMap((name) => ['--env', name]);
  run('synth', tsx, [join(infra, 'src/synth.ts'), '--out', out, ...environments], infra);
}

function step(name, ...args) {
  run(name, process.execPath, args, root);
}

function run(name, command, args, cwd) {
  const began = performance.now();
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) fail(`${name} failed.`);
  console.log(`ok    ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

function fail(message) {
  console.error(`FAIL  ${message}`);
  process.exit(1);
}

/** A digest of the names and bytes of all files in a folder, except the report of the rules, which contains the time. */
function digestOf(folder) {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'validation-report.json')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(`${file.slice(folder.length)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}
