// Runs projects of vitest.config.ts together, prints the counts of each, and exits with the result.
import { parseCLI, startVitest } from 'vitest/node';
import { findBrowser } from './find-browser.mjs';
import { findRedis } from './find-redis.mjs';
import { resultsFile } from './test-results.mjs';

/**
 * @param {string[]} projects
 * @param {string[]} args arguments of `vitest run`
 */
export async function runTests(projects, args) {
  process.env.PLAYWRIGHT_CHROMIUM_PATH = findBrowser();
  process.env.SPINBAY_TEST_REDIS = findRedis();
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  const vitest = await startVitest('test', filter, {
    ...{ ...options, project: projects, watch: false },
    reporters: [...(options.reporters ?? ['default']), 'json'],
    outputFile: { json: resultsFile(projects.join('-')) },
  });
  const counts = new Map(projects.map((name) => [name, { passed: 0, failed: 0 }]));
  for (const module of vitest.state.getTestModules()) {
    const count = counts.get(module.project.name);
    const failed = [...module.children.allTests('failed')].length;
    count.passed += [...module.children.allTests('passed')].length;
    // A file that does not load, or whose hooks fail, may have no failed test.
    count.failed += module.ok() ? failed : Math.max(1, failed);
  }
  const unhandled = vitest.state.getUnhandledErrors().length;
  await vitest.close();
  console.log();
  for (const [name, { passed, failed }] of counts) console.log(`${name}: ${passed} passed, ${failed} failed`);
  if (unhandled > 0) console.log(`errors outside tests: ${unhandled}`);
  process.exit(process.exitCode ?? 0);
}
