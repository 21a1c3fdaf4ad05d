// Finds a Chromium for the browser tests: PLAYWRIGHT_CHROMIUM_PATH, the system's, Playwright's, or one that it installs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const known = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** @returns {string} path of an executable. Without one, ends the process with instructions. */
export function findBrowser() {
  const named = process.env.PLAYWRIGHT_CHROMIUM_PATH;
  if (named) return named;
  const found = known.find((path) => existsSync(path)) ?? findPlaywrightChromium() ?? install();
  if (found) return found;
  console.error(
    'The browser tests need Chromium or Chrome. None was found, and none could be installed.\nInstall one (for example "apt-get install chromium"), or set PLAYWRIGHT_CHROMIUM_PATH to its executable.',
  );
  process.exit(1);
}

function findPlaywrightChromium() {
  const script = "import('playwright-core').then(({ chromium }) => console.log(chromium.executablePath()))";
  const path = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' }).stdout.trim();
  return path !== '' && existsSync(path) ? path : undefined;
}

function install() {
  console.log('No Chromium found for the browser tests; installing one.');
  const quiet = { cwd: root, stdio: ['ignore', 'ignore', 'ignore'], timeout: 300_000 };
  spawnSync(process.execPath, [join(root, 'node_modules/playwright-core/cli.js'), 'install', 'chromium'], quiet);
  const own = findPlaywrightChromium();
  if (own) return own;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    spawnSync('apt-get', ['update', '-qq'], quiet);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], quiet);
  }
  return known.find((path) => existsSync(path));
}
