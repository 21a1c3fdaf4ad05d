// `npm run screenshots`: takes the screenshot of the portal in README.md from a running installation ("npm start") with its
// sample spin.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBrowser } from './find-browser.mjs';
import { prepare } from './prepare.mjs';

await prepare({ dev: true, quiet: true, build: false });
const { chromium } = await import('playwright-core');
const root = fileURLToPath(new URL('..', import.meta.url));
const images = join(root, 'docs/images');
const { portal, demo } = JSON.parse(
  readFileSync(join(process.env.SPINBAY_DATA_DIR ?? join(root, '.data'), 'endpoints.json'), 'utf8'),
);
if (demo === null) throw new Error('The running installation has no demo organization.');
const reviewer = demo.users.find((user) => user.role === 'reviewer');

mkdirSync(images, { recursive: true });
const browser = await chromium.launch({
  executablePath: findBrowser(),
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1 });
await page.goto(portal);
await page.getByRole('button', { name: /sign in/i }).click();
await page.getByLabel(/e-?mail/i).fill(reviewer.email);
await page.getByLabel(/password/i).fill(reviewer.password);
await page.getByRole('button', { name: /sign in/i }).click();
await page.getByRole('link', { name: /SAMPLE-1/ }).click();
await page.getByTestId('qc-badge').nth(23).waitFor();
await page.waitForLoadState('networkidle');
await page.screenshot({ path: join(images, 'portal.png') });
await browser.close();
console.log(`Wrote ${join(images, 'portal.png')}`);
