// The 360 viewer compared to js-cloudimage-360-view: the same 24 pictures, the same browser, alternating. It measures
// dragging (animation frames and spin frames, at a quarter of the CPU's speed) and loading over a slow connection.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { findBrowser } from '../scripts/find-browser.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const rounds = Number(process.argv[2] ?? 5);
const cpuSlowdown = 4;
const dragMs = 3000;
/** About a good 3G connection. */
const line = { offline: false, latency: 100, downloadThroughput: 200_000, uploadThroughput: 100_000 };
const angles = Array.from({ length: 24 }, (_, k) => k * 15);
/** Pixels to each side. A full width turns one viewer halfway and the other fully, but both must pass as many pictures. */
const reach = { ours: 400, theirs: 200 };
const stage = { left: 50, top: 50, width: 900, height: 675 };

// Inside the project, so that bundles find their libraries.
const folder = mkdtempSync(join(root, 'node_modules/.cache-viewer-bench-'));
const files = new Map();
let server;
let browser;
try {
  await drawPictures();
  files.set('/ours.js', await bundleViewer());
  files.set('/theirs.js', readFileSync(fileURLToPath(import.meta.resolve('js-cloudimage-360-view'))));
  for (const name of ['ours', 'theirs']) files.set(`/${name}.html`, pageOf(name));
  server = createServer((request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const body = files.get(path);
    const type = { html: 'text/html', js: 'text/javascript', jpg: 'image/jpeg' }[path.split('.').at(-1)];
    if (!body || !type) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({
    executablePath: findBrowser(),
    args: ['--headless', '--no-sandbox', '--disable-gpu'],
  });
  const results = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round++) {
    // The order alternates, because the first of a pair runs on a cooler machine.
    const order = round % 2 === 0 ? ['ours', 'theirs'] : ['theirs', 'ours'];
    for (const name of order) results[name].push({ ...(await measureLoad(name)), ...(await measureDrag(name)) });
  }
  report(results);
} finally {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
}

async function drawPictures() {
  const drawer = join(folder, 'draw.mjs');
  await build({
    stdin: { contents: "export { drawSpin } from '@spinbay/sample-spin';", resolveDir: join(root, 'apps/cli') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['sharp'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    outfile: drawer,
  });
  const { drawSpin } = await import(drawer);
  await drawSpin({ outDir: folder, width: 600, height: 450 });
  for (const angle of angles) {
    files.set(`/${angle}.jpg`, readFileSync(join(folder, `angle_${String(angle).padStart(3, '0')}.jpg`)));
  }
}

async function bundleViewer() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'packages/viewer/src/index.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    globalName: 'viewer',
    write: false,
  });
  return outputFiles[0].contents;
}

function pageOf(name) {
  return `<!doctype html><meta charset="utf-8"><style>body{margin:0}#v{position:absolute;left:${stage.left}px;top:${stage.top}px;width:${stage.width}px}</style>
<${name === 'ours' ? 'spinbay-viewer' : 'div'} id="v"></${name === 'ours' ? 'spinbay-viewer' : 'div'}><script src="/${name}.js"></script>`;
}

/** Starts a viewer in the page. @returns the ms until the spin can be turned (`turnable`) and until it is loaded (`all`) */
async function startViewer(page, name) {
  await page.evaluate(
    ({ name, angles }) => {
      const began = performance.now();
      window.marks = {};
      const mark = (what) => {
        window.marks[what] ??= performance.now() - began;
      };
      const urls = angles.map((angle) => `/${angle}.jpg`);
      const element = document.querySelector('#v');
      if (name === 'ours') {
        window.viewer.defineSpinbayViewer();
        window.slot = () => element.angle / 15;
        element.addEventListener('firstturnable', () => mark('turnable'));
        element.addEventListener('allloaded', () => mark('all'));
        element.frames = angles.map((angle_deg, i) => ({ angle_deg, qc: 'pass', src600: urls[i] }));
      } else {
        const viewer = window.CI360.init(element, {
          imageListX: urls,
          amountX: 24,
          inertia: true,
          // The minimum: a full turn for the width of the stage.
          dragSpeed: 50,
          hints: false,
          initialIconShown: false,
          bottomCircle: false,
          hide360Logo: true,
        });
        window.slot = () => viewer.activeImageX;
        // Its callbacks report the first and the last picture. "Turnable" is computed from its list with the same rule.
        const look = () => {
          const have = angles.filter((_, i) => viewer.imagesX?.[i]?.bitmapImage);
          const gaps = have.map((angle, i) => (have[i + 1] ?? (have[0] ?? 0) + 360) - angle);
          if (viewer.isReady && have.length > 1 && Math.max(...gaps) <= 90) mark('turnable');
          if (viewer.isReady && have.length === angles.length) mark('all');
          else requestAnimationFrame(look);
        };
        look();
      }
    },
    { name, angles },
  );
  await page.waitForFunction(() => window.marks.all !== undefined, undefined, { timeout: 120_000 });
  return page.evaluate(() => window.marks);
}

async function open(name) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 950 } });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/${name}.html`);
  return { context, page, cdp: await context.newCDPSession(page) };
}

async function measureLoad(name) {
  const { context, page, cdp } = await open(name);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', line);
  const { turnable, all } = await startViewer(page, name);
  await context.close();
  return { turnable, all };
}

/** Drags back and forth for some seconds, with a real mouse event about every 8 ms. */
async function measureDrag(name) {
  const { context, page, cdp } = await open(name);
  await startViewer(page, name);
  await page.waitForTimeout(1000);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: cpuSlowdown });
  const y = stage.top + stage.height / 2;
  await page.mouse.move(stage.left + 450, y);
  await page.mouse.down();
  await page.evaluate(() => {
    window.ticks = [];
    window.slots = 0;
    let slot = window.slot();
    const tick = (now) => {
      window.ticks.push(now);
      if (window.slot() !== slot) window.slots++;
      slot = window.slot();
      window.ticking = requestAnimationFrame(tick);
    };
    window.ticking = requestAnimationFrame(tick);
  });
  await browser.startTracing(page, { categories: ['viz'] });
  const moves = [];
  const began = performance.now();
  for (let ms = 0; ms < dragMs; ms = performance.now() - began) {
    const x = stage.left + 450 + reach[name] * Math.sin(ms / 300);
    // Not awaited, because a hand does not wait for the page either.
    moves.push(cdp.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y, button: 'left', buttons: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 8));
  }
  await Promise.all(moves);
  const { ticks, slots } = await page.evaluate(() => {
    cancelAnimationFrame(window.ticking);
    return { ticks: window.ticks, slots: window.slots };
  });
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  await page.mouse.up();
  await context.close();
  const gaps = ticks.slice(1).map((tick, i) => tick - ticks[i]);
  const seconds = (ticks.at(-1) - ticks[0]) / 1000;
  // Frames that reached the screen, from the page's compositor or, in the other viewer, from a worker.
  const shown = traceEvents.filter(({ name, ph }) => name === 'Display::DrawAndSwap' && ph !== 'E').length;
  return {
    fps: gaps.length / seconds,
    late: (100 * gaps.filter((gap) => gap > 25).length) / gaps.length,
    worst: Math.max(...gaps),
    shown: shown / seconds,
    turns: slots / seconds,
  };
}

function report(results) {
  const rows = [
    ['first turnable, 3G line', 'turnable', 'ms', 0],
    ['all 24 loaded, 3G line', 'all', 'ms', 0],
    ['frames of the screen while dragging', 'fps', '/s', 1],
    ['frames late by half or more', 'late', '%', 1],
    ['longest frame', 'worst', 'ms', 0],
    ['frames that reached the screen', 'shown', '/s', 1],
    ['pictures of the spin passed', 'turns', '/s', 1],
  ];
  console.log(`CPU ${cpuSlowdown}x slower, ${rounds} rounds in turns, medians\n`);
  console.log(`${''.padEnd(38)}${'Spinbay'.padStart(10)}${'cloudimage'.padStart(12)}${'ratio'.padStart(9)}`);
  for (const [title, key, unit, digits] of rows) {
    const [ours, theirs] = [results.ours, results.theirs].map((list) => median(list.map((result) => result[key])));
    const ratio = theirs === 0 ? '-' : (ours / theirs).toFixed(2);
    const cells = [ours.toFixed(digits).padStart(10), theirs.toFixed(digits).padStart(12), ratio.padStart(9)];
    console.log(`${`${title} (${unit})`.padEnd(38)}${cells.join('')}`);
  }
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
