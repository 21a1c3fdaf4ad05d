// Reads the results of the last test runs, as Vitest's JSON reporter writes them.
import { mkdirSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJson } from './json-file.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'node_modules/.cache/spinbay-tests/results');

/**
 * The file for the results of a command. The next run of the command replaces it.
 * @param {string} name
 */
export function resultsFile(name) {
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.json`);
}

/**
 * The tests that passed in the last runs.
 * @returns {{ file: string, name: string }[]} `file`: the path from the root; `name`: the titles of the groups and of the
 *   test
 */
export function passedTests() {
  mkdirSync(folder, { recursive: true });
  return (
    readdirSync(folder)
      // A test run that was killed may have left a truncated file: its tests did not pass.
      .flatMap((name) => readJson(join(folder, name))?.testResults ?? [])
      .flatMap(({ name, assertionResults }) =>
        assertionResults
          .filter(({ status }) => status === 'passed')
          .map(({ fullName }) => ({ file: relative(root, name), name: fullName })),
      )
  );
}

/**
 * The ticked boxes of docs/spec-status.md whose test is not among the passed ones. A title may stand for several tests
 * ("%s is refused").
 * @param {string} status the text of the page
 * @param {{ file: string, name: string }[]} passed
 */
export function unprovenBoxes(status, passed) {
  return status
    .split('\n')
    .filter((line) => line.startsWith('- [x]'))
    .filter((line) => {
      const [, file, title = ''] = / — `([^`]+)`: "([^"]+)"$/.exec(line) ?? [];
      const literal = title.split(/%[sdi]|\$\w+/).map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
      const pattern = new RegExp(literal.join('.+'));
      return !passed.some((test) => test.file === file && pattern.test(test.name));
    });
}
