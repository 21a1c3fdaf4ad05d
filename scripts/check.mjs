// `npm run check`: format, lint, types, architecture rules, unused code, wording, licences. Every step runs, so that one run
// shows all faults. As many steps run at once as there are cores. The output of each stays together.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const steps = [
  // First, because it takes longest in a fresh clone. Later runs check only what changed.
  ['types', 'node_modules/typescript/bin/tsc', '-b'],
  ['format and lint', 'node_modules/@biomejs/biome/bin/biome', 'check', '.'],
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
  ['words', 'scripts/check-words.mjs'],
  ['licences', 'scripts/licences.mjs', '--check'],
];

await prepare({ dev: true, quiet: true, build: false });
const waiting = [...steps];
const verdicts = [];
await Promise.all(Array.from({ length: availableParallelism() }, worker));
process.exit(verdicts.every((ok) => ok) ? 0 : 1);

async function worker() {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) verdicts.push(await run(...step));
}

async function run(name, ...command) {
  const began = performance.now();
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const [status] = await once(child, 'close');
  process.stdout.write(Buffer.concat(output));
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'}  ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  return status === 0;
}
