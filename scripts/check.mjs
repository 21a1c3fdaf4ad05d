// `npm run check`: format, lint, types, architecture rules, unused code. Every step runs, so that one run shows all.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const steps = [
  ['format and lint', 'node_modules/@biomejs/biome/bin/biome', 'check', '.'],
  ['types', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['types of the viewer', 'node_modules/typescript/bin/tsc', '-p', 'packages/viewer/tsconfig.json'],
  ['types of the portal', 'node_modules/typescript/bin/tsc', '-p', 'apps/portal/tsconfig.json'],
  ['types of the portal server', 'node_modules/typescript/bin/tsc', '-p', 'apps/portal/tsconfig.server.json'],
  ['types of the browser tests', 'node_modules/typescript/bin/tsc', '-p', 'tests/tsconfig.json'],
  [
    'architecture',
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    '.dependency-cruiser.mjs',
    'packages',
    'apps',
    'local',
    'tests',
  ],
  ['unused code', 'node_modules/knip/bin/knip.js'],
];

await prepare({ dev: true, quiet: true, build: false });
const failed = steps.filter(([name, ...command]) => {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'}  ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  return status !== 0;
});
process.exit(failed.length === 0 ? 0 : 1);
