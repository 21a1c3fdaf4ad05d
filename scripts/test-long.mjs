// `npm run test:long [-- --seed N --seconds N --minutes N]`: runs the slow tests: pages in every state, killed processes,
// backups, the tenancy tests with row-level security alone and with the conditions of the statements alone, fuzzing (for
// `--seconds`), thousands of random schedules of the outbox, and random faults under load (for `--minutes`). The tests of
// tests/long run last, with nothing else on the machine. The default seed is 1.
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';
import { runChild } from './run-child.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^\d{1,9}$/.test(value)) continue;
  console.error(`--${name} must be a whole number, not "${value}".`);
  process.exit(2);
}
process.env.SPINBAY_FUZZ_SECONDS = values.seconds;
process.env.SPINBAY_FUZZ_SEED = values.seed;
await prepare({ dev: true });
const chaos = ['scripts/chaos.mjs', '--minutes', values.minutes, '--seed', values.seed];
if ((await runChild(process.execPath, chaos, process.cwd())) !== 0) process.exitCode = 1;
console.log(`Fuzzing for ${values.seconds} s with seed ${values.seed}.`);
const { runTests } = await import('./run-tests.mjs');
await runTests(['slow', 'rls-alone', 'conditions-alone', 'fuzz', 'long'], []);
