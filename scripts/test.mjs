// `npm test`: runs the tests of the code and those of the main paths through a whole installation, in a browser.
import { prepare } from './prepare.mjs';

await prepare({ dev: true });
const { runTests } = await import('./run-tests.mjs');
await runTests(['unit', 'unit-alone', 'e2e'], process.argv.slice(2));
