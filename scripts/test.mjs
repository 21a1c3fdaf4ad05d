// `npm test`: every test of the project. Ends with one line of figures for each runner; the exit status is the verdict.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBrowser } from './find-browser.mjs';
import { findRedis } from './find-redis.mjs';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await prepare({ dev: true });
const found = { PLAYWRIGHT_CHROMIUM_PATH: findBrowser(), SPINBAY_TEST_REDIS: findRedis() };
const folder = mkdtempSync(join(tmpdir(), 'spinbay-tests-'));
const verdicts = ['unit', 'rls-alone', 'conditions-alone', 'e2e'].map((project) => run(project));
rmSync(folder, { recursive: true, force: true });
console.log();
for (const { project, passed, failed } of verdicts) console.log(`${project}: ${passed} passed, ${failed} failed`);
process.exit(verdicts.every((verdict) => verdict.ok) ? 0 : 1);

function run(project) {
  const report = join(folder, `${project}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...process.argv.slice(2),
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...found } },
  );
  const { numPassedTests: passed, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that could not even be loaded has no failed test to count.
  return {
    project,
    passed,
    failed: Math.max(numFailedTests, status === 0 ? 0 : Math.max(1, numFailedTestSuites)),
    ok: status === 0,
  };
}
