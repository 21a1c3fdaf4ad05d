// The list of sessions in Chromium, with 200,000 sessions compared to ten: opening, scrolling, searching, filtering
// and going back, and the memory in use after scrolling far down. --sessions N, --deep N lines, --rounds N.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endpoints } from '@spinbay/local-stack';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { openBrowser, signIn } from '../tests/e2e/support/browser.ts';
import { writeBulkSessions } from '../tests/e2e/support/bulk-sessions.ts';
import { makePlace, type Place, start } from '../tests/e2e/support/installation.ts';
import { checkTarget, median, numberOption, printTable } from './support/figures.ts';

const many = numberOption('sessions', 200_000);
const deep = numberOption('deep', 5_000);
const rounds = numberOption('rounds', 3);
const scrollMs = 6_000;

interface Figures {
  readonly open: number;
  readonly framesPerSecond: number;
  readonly late: number;
  readonly longTasks: number;
  readonly search: number;
  readonly filter: number;
  readonly back: number;
  readonly nodes: number;
  readonly megabytes: number;
}

interface Deep {
  readonly linesPerSecond: number;
  readonly longTasks: number;
  readonly nodes: number;
  readonly megabytes: number;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

const firstRow = (page: Page) => page.getByTestId('session').first().waitFor();
const stateIs = (page: Page, words: RegExp) => page.getByTestId('list-state').filter({ hasText: words }).waitFor();

/** Scrolls like a wheel, down and then up again. @returns how smooth it was */
function scroll(page: Page): Promise<{ framesPerSecond: number; late: number; longTasks: number }> {
  return page.evaluate(async (ms) => {
    let longTasks = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks += duration;
    });
    observer.observe({ type: 'longtask' });
    const ticks: number[] = [];
    let by = 60;
    const began = performance.now();
    while (performance.now() - began < ms) {
      const before = window.scrollY;
      window.scrollBy({ top: by, behavior: 'instant' });
      ticks.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)));
      if (window.scrollY === before) by = -by;
    }
    observer.disconnect();
    const gaps = ticks.slice(1).map((tick, k) => tick - (ticks[k] ?? tick));
    return {
      framesPerSecond: (1000 * gaps.length) / ((ticks.at(-1) ?? 0) - (ticks[0] ?? 0)),
      late: (100 * gaps.filter((gap) => gap > 25).length) / gaps.length,
      longTasks,
    };
  }, scrollMs);
}

async function memoryInUse(page: Page): Promise<{ nodes: number; megabytes: number }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.enable');
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  await cdp.detach();
  return { nodes: await page.evaluate(() => document.querySelectorAll('*').length), megabytes: usedSize / 1e6 };
}

async function measure(page: Page, url: string, count: number): Promise<Figures> {
  const open: number[] = [];
  const search: number[] = [];
  const filter: number[] = [];
  const back: number[] = [];
  const all = new RegExp(`^${count.toLocaleString('en-GB')} sessions`);
  const stills = new RegExp(`^${Math.floor(count / 10).toLocaleString('en-GB')} session`);
  for (let round = 0; round < rounds; round++) {
    open.push(await timed(() => page.goto(url).then(() => firstRow(page))));
    await page.getByTestId('search').fill(`BULK-${String(1 + round).padStart(5, '0')}`);
    // Measured from the last letter, including the field's pause for more letters.
    search.push(await timed(() => stateIs(page, /found/)));
    await page.getByTestId('search').fill('');
    await stateIs(page, all);
    filter.push(
      await timed(async () => {
        await page.getByTestId('mode-filter').selectOption({ label: 'Stills' });
        await stateIs(page, stills);
      }),
    );
    back.push(await timed(() => page.goBack().then(() => stateIs(page, all))));
  }
  await page.goto(url);
  await firstRow(page);
  const scrolled = await scroll(page);
  const times = { open: median(open), search: median(search), filter: median(filter), back: median(back) };
  return { ...times, ...scrolled, ...(await memoryInUse(page)) };
}

/** Jumps to the end of the loaded lines until this many are loaded. */
async function goDeep(page: Page, url: string, lines: number): Promise<Deep> {
  await page.goto(url);
  await firstRow(page);
  const { longTasks, seconds } = await page.evaluate(async (wanted) => {
    let longTasks = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks += duration;
    });
    observer.observe({ type: 'longtask' });
    const began = performance.now();
    const loaded = () =>
      Math.max(0, ...[...document.querySelectorAll('[aria-rowindex]')].map((row) => Number(row.ariaRowIndex)));
    while (loaded() < wanted) {
      window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    observer.disconnect();
    return { longTasks, seconds: (performance.now() - began) / 1000 };
  }, lines);
  return { linesPerSecond: lines / seconds, longTasks: longTasks / seconds, ...(await memoryInUse(page)) };
}

/** PostgreSQL does this automatically within minutes. */
async function vacuum(place: Place, { database }: Endpoints): Promise<void> {
  const secrets = JSON.parse(await readFile(join(place.dataDir, 'secrets.json'), 'utf8')) as { ownerPassword: string };
  const connectionString = Object.assign(new URL(database), {
    username: 'spinbay_owner',
    password: secrets.ownerPassword,
  }).toString();
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('vacuum (analyze)').finally(() => client.end());
}

async function measureInstallation(count: number): Promise<{ figures: Figures; deep: Deep | null }> {
  const place = await makePlace();
  const browser = await openBrowser();
  try {
    const installation = await start(place);
    try {
      const { endpoints } = installation;
      console.log(
        `${count} sessions written in ${((await timed(() => writeBulkSessions(endpoints, count))) / 1000).toFixed(0)} s`,
      );
      await vacuum(place, endpoints);
      const page = await (await browser.newContext({ viewport: { width: 1360, height: 700 } })).newPage();
      await signIn(page, endpoints, 'reviewer@demo.test');
      const url = `${endpoints.portal}/sessions`;
      const figures = await measure(page, url, count);
      return { figures, deep: count > deep ? await goDeep(page, url, deep) : null };
    } finally {
      await installation.stop();
    }
  } finally {
    await browser.close();
    await place.remove();
  }
}

const small = await measureInstallation(10);
const large = await measureInstallation(many);
const rows: [string, keyof Figures, number][] = [
  ['opened until its first line (ms)', 'open', 0],
  ['search for a stock number (ms)', 'search', 0],
  ['filter by mode (ms)', 'filter', 0],
  ['back to all (ms)', 'back', 0],
  ['frames a second while scrolling', 'framesPerSecond', 1],
  ['frames late by half or more (%)', 'late', 1],
  ['long tasks in 6 s of scrolling (ms)', 'longTasks', 0],
  ['DOM elements after scrolling', 'nodes', 0],
  ['heap after scrolling (MB)', 'megabytes', 1],
];
printTable(
  ['', '10 sessions', `${many}`],
  rows.map(([title, key, digits]) => [title, small.figures[key].toFixed(digits), large.figures[key].toFixed(digits)]),
);
if (large.deep) {
  console.log(`\nJumping to the end repeatedly, up to line ${deep}:`);
  const { linesPerSecond, longTasks, nodes, megabytes } = large.deep;
  console.log(
    `${linesPerSecond.toFixed(0)} lines/s, ${longTasks.toFixed(0)} ms of long tasks a second, ${nodes} DOM elements, ${megabytes.toFixed(1)} MB of heap`,
  );
}
console.log();
checkTarget('frames a second, relative to 10 sessions', large.figures.framesPerSecond / small.figures.framesPerSecond, {
  atLeast: 0.9,
});
checkTarget('opened, relative to 10 sessions', large.figures.open / small.figures.open, { atMost: 1.5 });
checkTarget('search, relative to 10 sessions', large.figures.search / small.figures.search, { atMost: 1.5 });
checkTarget('filter, relative to 10 sessions', large.figures.filter / small.figures.filter, { atMost: 1.5 });
checkTarget('DOM elements', large.figures.nodes, { atMost: 3000 });
