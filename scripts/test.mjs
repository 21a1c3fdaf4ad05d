// `npm test`: runs the tests of the code and of the whole installation, including the browser tests.
import { prepare } from './prepare.mjs';

await prepare({ dev: true });
const { runTests } = await import('./run-tests.mjs');
await runTests(['unit', 'e2e'], process.argv.slice(2));
