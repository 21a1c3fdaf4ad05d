// `npm run fuzz -- --seconds 600 [--seed N]`: sends mutated photos through the measuring processes. A failure prints the
// seed and keeps the file. The same seed generates the same files.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^\d{1,10}$/.test(value)) continue;
  console.error(`--${name} must be a whole number.`);
  process.exit(2);
}
await prepare({ dev: true, quiet: true, build: false });
console.log(`Fuzzing for ${values.seconds} s with seed ${values.seed}.`);
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '-t', 'mutated files'];
const { status } = spawnSync(process.execPath, [...vitest, 'packages/imaging/src/hostile'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SPINBAY_FUZZ_SECONDS: values.seconds, SPINBAY_FUZZ_SEED: values.seed },
});
process.exit(status ?? 1);
