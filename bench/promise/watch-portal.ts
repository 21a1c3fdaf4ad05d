import type { Page } from 'playwright-core';

/** When a frame was visible to the reviewer, in epoch milliseconds. */
interface Seen {
  /** The reply that first showed it as measured. */
  readonly polled: number;
  /** The screen frame that first showed its picture with a QC badge. */
  readonly painted: number;
}

export interface PortalWatch {
  /** By angle: first shown, from the preview or the original. */
  readonly first: ReadonlyMap<number, Seen>;
  /** By angle: shown from its original. */
  readonly original: ReadonlyMap<number, Seen>;
  /** Reads from the page what it has shown so far. Until then, both maps are empty. */
  refresh(): Promise<void>;
}

declare global {
  interface Window {
    spinbayPainted: { first: Record<string, number>; original: Record<string, number> };
  }
}

/** Watches the page of a session: the results of its polls, and what it renders. */
export async function watchPortal(page: Page): Promise<PortalWatch> {
  const polled = { first: new Map<number, number>(), original: new Map<number, number>() };
  const painted = { first: new Map<number, number>(), original: new Map<number, number>() };
  page.on('requestfinished', async (request) => {
    if (request.method() !== 'GET' || !new URL(request.url()).pathname.endsWith('/images')) return;
    const { startTime, responseEnd } = request.timing();
    const reply = await request.response().catch(() => null);
    if (reply?.status() !== 200) return;
    const { items } = (await reply.json().catch(() => ({ items: [] }))) as {
      items: { angle_deg: number | null; status: string; shown_upload: string | null }[];
    };
    for (const { angle_deg, status, shown_upload } of items) {
      if (angle_deg === null || status === 'pending') continue;
      keepFirst(polled.first, angle_deg, startTime + responseEnd);
      if (shown_upload === 'original') keepFirst(polled.original, angle_deg, startTime + responseEnd);
    }
  });
  await page.evaluate(() => {
    window.spinbayPainted = { first: {}, original: {} };
    const look = () => {
      for (const tile of document.querySelectorAll<HTMLElement>('[data-testid=frame]')) {
        const picture = tile.querySelector('img');
        const slot = tile.dataset.slot ?? '';
        const isShown = picture?.complete && picture.naturalWidth > 0 && tile.querySelector('[data-testid=qc-badge]');
        if (!isShown) continue;
        const { first, original } = window.spinbayPainted;
        first[slot] ??= Date.now();
        if (!tile.querySelector('[data-testid=preview-note]')) original[slot] ??= Date.now();
      }
      requestAnimationFrame(look);
    };
    look();
  });
  const joined = (kind: 'first' | 'original') =>
    new Map(
      [...painted[kind]].map(([angle, at]) => [angle, { polled: polled[kind].get(angle) ?? Number.NaN, painted: at }]),
    );
  return {
    get first() {
      return joined('first');
    },
    get original() {
      return joined('original');
    },
    async refresh() {
      const found = await page.evaluate(() => window.spinbayPainted);
      for (const kind of ['first', 'original'] as const)
        for (const [slot, at] of Object.entries(found[kind])) painted[kind].set(Number(/\d+/.exec(slot)?.[0]), at);
    },
  };
}

function keepFirst(times: Map<number, number>, angle: number, at: number): void {
  if (!times.has(angle)) times.set(angle, at);
}
