// `npm test`: the tests of code and of the whole installation, in a browser too.
import { prepare } from './prepare.mjs';

await prepare({ dev: true });
const { runTests } = await import('./run-tests.mjs');
await runTests(['unit', 'e2e'], process.argv.slice(2));
