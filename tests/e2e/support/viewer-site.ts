import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { encodeFrame } from '@spinbay/sample-spin';
import type { SpinbayViewer, ViewerFrame } from '@spinbay/viewer';
import { build } from 'esbuild';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** What the page's script has recorded. */
interface Seen {
  readonly events: { readonly type: string; readonly detail: unknown }[];
  /** Violations of the content security policy. */
  readonly violations: string[];
  /** The number of decoded pictures in memory. */
  bitmaps: number;
}

declare global {
  interface Window {
    seen: Seen;
    viewer: SpinbayViewer;
  }
}

export interface ViewerSite {
  readonly url: string;
  /** Paths of the requested pictures, in order. */
  readonly asked: string[];
  /** With true, requested pictures wait until this is called with false. */
  hold(on: boolean): void;
  stop(): Promise<void>;
}

const policy = "default-src 'none'; script-src 'self'; img-src 'self'; style-src 'self'; frame-ancestors 'none'";
const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A spin</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/page.css"><script type="module" src="/page.js"></script></head>
<body><main><h1>A spin</h1><spinbay-viewer></spinbay-viewer></main></body></html>`;
const css = 'body{margin:16px;min-height:3000px}spinbay-viewer{max-width:800px}';
const script = `
import { defineSpinbayViewer } from '@spinbay/viewer';
window.seen = { events: [], violations: [], bitmaps: 0 };
document.addEventListener('securitypolicyviolation', (event) => window.seen.violations.push(event.violatedDirective));
const make = OffscreenCanvas.prototype.transferToImageBitmap;
OffscreenCanvas.prototype.transferToImageBitmap = function () { window.seen.bitmaps++; return make.call(this); };
const close = ImageBitmap.prototype.close;
ImageBitmap.prototype.close = function () { window.seen.bitmaps--; close.call(this); };
window.viewer = document.querySelector('spinbay-viewer');
for (const type of ['anglechange', 'framechange', 'firstturnable', 'allloaded', 'pictureerror'])
  window.viewer.addEventListener(type, ({ detail }) => window.seen.events.push({ type, detail }));
defineSpinbayViewer();
defineSpinbayViewer();`;

/** A site with only the viewer, under a strict policy. The colour of `/<slot>/600.jpg` identifies its slot. */
export async function serveViewer(): Promise<ViewerSite> {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: fileURLToPath(new URL('../../..', import.meta.url)) },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const fixed: Record<string, readonly [string, string]> = {
    '/': ['text/html', page],
    '/page.css': ['text/css', css],
    '/page.js': ['text/javascript', outputFiles[0]?.text ?? ''],
    '/favicon.ico': ['image/png', ''],
  };
  const asked: string[] = [];
  let held: (() => void)[] | undefined;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = fixed[pathname];
    response.setHeader('content-security-policy', policy);
    if (file) return response.setHeader('content-type', file[0]).end(file[1]);
    asked.push(pathname);
    const answer = () => void answerPicture(pathname, response);
    if (held) held.push(answer);
    else answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    hold: (on) => {
      const waiting = held ?? [];
      held = on ? waiting : undefined;
      if (!on) for (const answer of waiting) answer();
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answerPicture(pathname: string, response: ServerResponse): Promise<void> {
  const [, slot, width] = /^\/(\d+)\/(\d+)\.jpg$/.exec(pathname) ?? [];
  if (slot === undefined) return void response.writeHead(404).end();
  const size = { width: Number(width) / 4, height: Number(width) / 5 };
  const data = Buffer.alloc(size.width * size.height * 3, Buffer.from([Number(slot) * 10, Number(width) / 20, 128]));
  const jpeg = await encodeFrame({ data, ...size }, new Date(0));
  response.writeHead(200, { 'content-type': 'image/jpeg', 'cache-control': 'max-age=3600' }).end(jpeg);
}

/** A spin of 24 frames. `change` can change each frame. */
export function spinOf(change: (slot: number) => Partial<ViewerFrame> = () => ({})): ViewerFrame[] {
  return Array.from({ length: 24 }, (_, slot) => ({
    angle_deg: slot * 15,
    qc: 'pass',
    src600: `/${slot}/600.jpg`,
    ...change(slot),
  }));
}

export const gap = { qc: 'missing', src600: null } as const;

export async function openViewer(
  browser: Browser,
  site: ViewerSite,
  frames: ViewerFrame[],
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 950 }, ...options });
  const opened = await context.newPage();
  await opened.goto(site.url);
  await opened.evaluate((given) => {
    window.viewer.frames = given;
  }, frames);
  return opened;
}

export async function whenLoaded(page: Page): Promise<void> {
  await page.waitForFunction(() => window.seen.events.some(({ type }) => type === 'allloaded'));
}

/** The slot of the displayed picture, identified by its colour; null for an empty stage. */
export function slotOnStage(page: Page): Promise<number | null> {
  return page.evaluate(async () => {
    await new Promise(requestAnimationFrame);
    const canvas = window.viewer.shadowRoot?.querySelector('canvas');
    const [red = 0, , , alpha] = canvas?.getContext('2d')?.getImageData(0, 0, 1, 1).data ?? [];
    return alpha === 255 ? Math.round(red / 10) : null;
  });
}

export function eventsOf(page: Page, type: string): Promise<unknown[]> {
  return page.evaluate(
    (wanted) => window.seen.events.filter((event) => event.type === wanted).map((e) => e.detail),
    type,
  );
}
