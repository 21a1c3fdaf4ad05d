// `npm run fuzz:api -- --seconds 600 [--seed 1]`: fuzzes the API for longer than `npm test` does.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string' } } });
for (const [name, value] of Object.entries(values)) {
  if (/^\d{1,9}$/.test(value)) continue;
  console.error(`--${name} must be a whole number, not "${value}".`);
  process.exit(2);
}
const root = fileURLToPath(new URL('..', import.meta.url));
await prepare({ dev: true });
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', 'apps/api/src/bind/fuzz.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      SPINBAY_FUZZ_SECONDS: values.seconds,
      ...(values.seed === undefined ? {} : { SPINBAY_FUZZ_SEED: values.seed }),
    },
  },
);
process.exit(status ?? 1);
