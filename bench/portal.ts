// The portal in Chromium against a real installation: what the first screen loads, how long until a session of 24 can be
// used, the memory that remains after 50 sessions were closed, and the cost of an idle minute of polling.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { openBrowser, signIn } from '../tests/e2e/support/browser.ts';
import { type Installation, makePlace, type Place, spinbay, start } from '../tests/e2e/support/installation.ts';
import { checkTarget, median, numberOption, printTable } from './support/figures.ts';

const rounds = numberOption('rounds', 5);
const visits = numberOption('visits', 50);
const idleSeconds = numberOption('seconds', 60);
const frames = 24;
const kB = (bytes: number) => bytes / 1000;

/** Ingests a session of 24 frames. A blurred frame keeps it active. @returns its id */
async function ingest(place: Place, folder: string, stock: string, blur: readonly string[]): Promise<string> {
  const spin = join(folder, stock);
  await spinbay(place, 'sample', spin, '--size', '1600x1200', ...blur);
  const { stdout, stderr } = await spinbay(place, 'ingest', spin, '--stock', stock, '--json');
  if (!stdout.includes('session_id')) throw new Error(`${stock} was not ingested: ${stderr}`);
  return (JSON.parse(stdout) as { session_id: string }).session_id;
}

async function signedIn(context: BrowserContext, installation: Installation): Promise<Page> {
  const page = await context.newPage();
  await signIn(page, installation.endpoints, 'reviewer@demo.test');
  await page.getByTestId('session').first().waitFor();
  return page;
}

/** Kilobytes (gzip) that the list of sessions loads from the portal. */
async function measureFirstScreen(page: Page): Promise<{ script: number; style: number; files: number }> {
  const loaded: { type: string; bytes: number }[] = [];
  const reading: Promise<void>[] = [];
  page.on('response', (response) => {
    const type = response.request().resourceType();
    if (type !== 'script' && type !== 'stylesheet') return;
    reading.push(
      response.body().then((body) => void loaded.push({ type, bytes: gzipSync(body, { level: 9 }).length })),
    );
  });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.clearBrowserCache');
  await cdp.detach();
  await page.reload();
  await page.getByTestId('session').first().waitFor();
  await page.waitForTimeout(1000);
  page.removeAllListeners('response');
  await Promise.all(reading);
  const sum = (type: string) =>
    kB(loaded.filter((file) => file.type === type).reduce((all, { bytes }) => all + bytes, 0));
  return { script: sum('script'), style: sum('stylesheet'), files: loaded.length };
}

/** Waits until all pictures of a session are visible and the page responds. @returns milliseconds since `began` */
async function whenUsable(page: Page, began: number): Promise<number> {
  await page.waitForFunction(
    (expected) => {
      const pictures = [...document.querySelectorAll<HTMLImageElement>('[data-testid=frame] img')];
      return pictures.length >= expected && pictures.every((picture) => picture.complete && picture.naturalWidth > 0);
    },
    frames,
    { polling: 'raf' },
  );
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  return performance.now() - began;
}

async function measureOpening(page: Page, session: string) {
  const cdp = await page.context().newCDPSession(page);
  const url = new URL(`/sessions/${session}`, page.url()).href;
  const cold: number[] = [];
  const fromList: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await cdp.send('Network.clearBrowserCache');
    const began = performance.now();
    await page.goto(url);
    cold.push(await whenUsable(page, began));
    await page.getByRole('link', { name: 'All sessions', exact: true }).click();
    const row = page.locator(`[data-line="${session}"]`);
    await row.waitFor();
    const clicked = performance.now();
    await row.click();
    fromList.push(await whenUsable(page, clicked));
    await page.goBack();
  }
  await cdp.detach();
  return { cold: median(cold) / 1000, fromList: median(fromList) / 1000 };
}

async function heap(cdp: CDPSession): Promise<{ megabytes: number; nodes: number }> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  const { nodes } = await cdp.send('Memory.getDOMCounters');
  return { megabytes: usedSize / 1e6, nodes };
}

/** Opens sessions from the list and goes back, first to warm up, then `visits` times. */
async function measureMemory(page: Page, sessions: readonly string[]) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.enable');
  const visit = async (count: number) => {
    for (let k = 0; k < count; k++) {
      await page.locator(`[data-line="${sessions[k % sessions.length]}"]`).click();
      await whenUsable(page, 0);
      await page.goBack();
      await page.getByTestId('session').first().waitFor();
    }
    await page.waitForTimeout(500);
    return heap(cdp);
  };
  const before = await visit(10);
  const after = await visit(visits);
  await cdp.detach();
  return { before, after };
}

/** The API requests and kilobytes of an idle page, per minute. */
async function measureIdle(page: Page, api: string): Promise<{ requests: number; kilobytes: number }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  const asked = new Set<string>();
  let bytes = 0;
  cdp.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (request.url.startsWith(api)) asked.add(requestId);
  });
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (asked.has(requestId)) bytes += encodedDataLength;
  });
  await page.waitForTimeout(idleSeconds * 1000);
  await cdp.detach();
  const perMinute = 60 / idleSeconds;
  return { requests: asked.size * perMinute, kilobytes: kB(bytes) * perMinute };
}

const place = await makePlace();
const folder = await mkdtemp(join(tmpdir(), 'spinbay-bench-'));
let installation: Installation | undefined;
const browser = await openBrowser();
try {
  installation = await start(place);
  const { api } = installation.endpoints;
  const sessions = [
    await ingest(place, folder, 'ONE', []),
    await ingest(place, folder, 'TWO', []),
    await ingest(place, folder, 'LIVE', ['--blur', '7']),
  ] as const;
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  const page = await signedIn(context, installation);
  const first = await measureFirstScreen(page);
  const opening = await measureOpening(page, sessions[0]);
  const { before, after } = await measureMemory(page, sessions);
  // With a separate sign-in, because the two are idle at the same time.
  const other = await signedIn(await browser.newContext({ viewport: { width: 1360, height: 900 } }), installation);
  await other.locator(`[data-line="${sessions[2]}"]`).click();
  await whenUsable(other, 0);
  const [list, live] = await Promise.all([measureIdle(page, api), measureIdle(other, api)]);

  printTable(
    ['', 'figure'],
    [
      ['first screen, JavaScript (kB gzip)', first.script.toFixed(1)],
      ['first screen, styles (kB gzip)', first.style.toFixed(1)],
      ['first screen, files of both', String(first.files)],
      ['session of 24, nothing cached (s)', opening.cold.toFixed(2)],
      ['session of 24, from the list (s)', opening.fromList.toFixed(2)],
      ['heap after 10 sessions (MB)', before.megabytes.toFixed(2)],
      [`heap after ${visits} more (MB)`, after.megabytes.toFixed(2)],
      ['DOM nodes after 10 sessions', String(before.nodes)],
      [`DOM nodes after ${visits} more`, String(after.nodes)],
      ['list, requests in an idle minute', list.requests.toFixed(0)],
      ['list, kB in an idle minute', list.kilobytes.toFixed(1)],
      ['active session, requests in an idle minute', live.requests.toFixed(0)],
      ['active session, kB in an idle minute', live.kilobytes.toFixed(1)],
    ],
  );
  console.log();
  checkTarget('first screen, kB of JavaScript', first.script, { atMost: 200 });
  checkTarget('session of 24, nothing cached, seconds', opening.cold, { atMost: 3 });
  checkTarget(`heap after ${visits} more sessions / before`, after.megabytes / before.megabytes, { atMost: 1.1 });
  checkTarget(`DOM nodes after ${visits} more sessions / before`, after.nodes / before.nodes, { atMost: 1.1 });
  checkTarget('list, requests in an idle minute', list.requests, { atMost: 7 });
  checkTarget('active session, requests in an idle minute', live.requests, { atMost: 42 });
} finally {
  await browser.close();
  await installation?.stop();
  await rm(folder, { recursive: true, force: true });
  await place.remove();
}
