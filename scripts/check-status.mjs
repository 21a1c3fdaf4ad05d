// `npm run check:status`: reads docs/spec-status.md, and fails if a ticked box names a test that did not pass in the last
// run of `npm test`, `npm run test:long`, `npm run check:infra` or `npm run check:native`.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { passedTests, unprovenBoxes } from './test-results.mjs';

const status = readFileSync(fileURLToPath(new URL('../docs/spec-status.md', import.meta.url)), 'utf8');
const passed = passedTests();
const unproven = unprovenBoxes(status, passed);
console.log(`docs/spec-status.md: ${passed.length} tests passed in the last runs`);
if (unproven.length > 0) {
  console.error(`These boxes are ticked, but their test did not run or did not pass:\n${unproven.join('\n')}`);
  process.exit(1);
}
