// Runs projects of vitest.config.ts in one go, ends with one line of figures for each, and exits with the verdict.
import { parseCLI, startVitest } from 'vitest/node';
import { findBrowser } from './find-browser.mjs';
import { findRedis } from './find-redis.mjs';

/**
 * @param {string[]} projects
 * @param {string[]} args of the command line, as `vitest run` takes them
 */
export async function runTests(projects, args) {
  process.env.PLAYWRIGHT_CHROMIUM_PATH = findBrowser();
  process.env.SPINBAY_TEST_REDIS = findRedis();
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  const vitest = await startVitest('test', filter, { ...options, project: projects, watch: false });
  const counts = new Map(projects.map((name) => [name, { passed: 0, failed: 0 }]));
  for (const module of vitest.state.getTestModules()) {
    const count = counts.get(module.project.name);
    const failed = [...module.children.allTests('failed')].length;
    count.passed += [...module.children.allTests('passed')].length;
    // A file that could not be loaded, or whose hooks failed, may have no failed test to count.
    count.failed += module.ok() ? failed : Math.max(1, failed);
  }
  const unhandled = vitest.state.getUnhandledErrors().length;
  await vitest.close();
  console.log();
  for (const [name, { passed, failed }] of counts) console.log(`${name}: ${passed} passed, ${failed} failed`);
  if (unhandled > 0) console.log(`errors outside of tests: ${unhandled}`);
  process.exit(process.exitCode ?? 0);
}
