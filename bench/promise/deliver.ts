import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import type { Storage } from '../../tests/chaos/storage.ts';
import { openBrowser, signIn } from '../../tests/e2e/support/browser.ts';
import { type Installation, type Place, spinbay } from '../../tests/e2e/support/installation.ts';
import { type LinkName, linkShapes } from '../../tests/e2e/support/link-shapes.ts';
import { Phone, spinAngles } from '../../tests/e2e/support/phone.ts';
import { openShapedNetwork, type ShapedNetwork } from '../../tests/e2e/support/shaped-network.ts';
import type { FrameTimes, PartTimes } from './timeline.ts';
import { type Part, PhoneWatch, type Sent } from './watch-phone.ts';
import { type PortalWatch, watchPortal } from './watch-portal.ts';

/** How photos arrive: from the capture app, or from a folder with `npx spinbay ingest`. */
export const senders = ['app', 'ingest'] as const;
export type Sender = (typeof senders)[number];

export interface Bench {
  readonly place: Place;
  readonly installation: Installation;
  readonly storage: Storage;
  readonly folder: string;
  /** The folder of the photos that `ingest` sends. */
  readonly spin: string;
  readonly filmFile: string;
}

/** What a sender returns: when its clock starts, and the times of each upload on its side of the link. */
interface Delivery {
  readonly began: number;
  readonly frames: readonly { readonly angle: number; readonly shutter: number; readonly stored: number }[];
  sent(angle: number, part: Part): Sent | undefined;
}

/** A spin from the device to the reviewer's page, through a link. */
export async function deliver(
  bench: Bench,
  link: LinkName,
  sender: Sender,
): Promise<{ frames: FrameTimes[]; began: number }> {
  const { installation, place } = bench;
  const { endpoints } = installation;
  const stock = `PROMISE-${link}-${sender}`.toUpperCase();
  const token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
  const servers = [endpoints.api, endpoints.objects, endpoints.capture];
  const network = await openShapedNetwork(servers, linkShapes[link], bench.folder);
  const browser = await openBrowser();
  try {
    const portal = await browser.newPage({ viewport: { width: 1600, height: 3000 } });
    await signIn(portal, endpoints, 'reviewer@demo.test');
    const watching = openSession(portal, bench, stock, token);
    const delivery =
      sender === 'app' ? await shootWithApp(bench, network, stock, watching) : await ingest(bench, network, stock);
    const { watch } = await watching;
    await portal.waitForFunction(() => Object.keys(window.spinbayPainted.original).length === 24, undefined, {
      timeout: 1_800_000,
      polling: 200,
    });
    await watch.refresh();
    const frames = await joinTimes(bench.storage, stock, delivery, watch);
    await delivery.end();
    return { frames, began: delivery.began };
  } finally {
    await browser.close();
    await network.close();
  }
}

/** Opens the reviewer's page as soon as the session exists. */
async function openSession(portal: Page, { installation }: Bench, stock: string, token: string) {
  const { endpoints } = installation;
  for (;;) {
    const reply = await fetch(`${endpoints.api}/sessions?q=${stock}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { items } = (await reply.json()) as { items: { id: string }[] };
    if (items[0] !== undefined) {
      await portal.goto(`${endpoints.portal}/sessions/${items[0].id}`);
      await portal.getByTestId('frame').first().waitFor();
      return { watch: await watchPortal(portal) };
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function shootWithApp(bench: Bench, network: ShapedNetwork, stock: string, watching: Promise<unknown>) {
  const phone = await Phone.takeUp({
    profile: join(bench.folder, stock),
    film: bench.filmFile,
    capture: bench.installation.endpoints.capture,
    ...network.phone,
  });
  const watch = new PhoneWatch(phone.page);
  await phone.enrolWithOneTap();
  await phone.startSpin(stock);
  await watch.watchStored();
  await watching;
  await phone.shootUntil(0, 24);
  const stored = await watch.stored();
  await phone.finish();
  const kept = await watch.kept();
  return {
    began: Math.max(...kept.map(({ shutter }) => shutter)),
    frames: kept.map(({ angle, shutter }, k) => ({ angle, shutter, stored: stored[k] ?? Number.NaN })),
    sent: (angle: number, part: Part) => watch.sent(kept.find((photo) => photo.angle === angle)?.id ?? '', part),
    end: () => phone.close(),
  };
}

/** The photos are in a folder. The clock starts with the command. */
async function ingest(bench: Bench, network: ShapedNetwork, stock: string) {
  const env = {
    ...bench.place.env,
    NODE_OPTIONS: '--import=./bench/support/reroute.mjs',
    SPINBAY_BENCH_HOST: network.host,
    SPINBAY_BENCH_PORTS: [...network.ports].map((pair) => pair.join(':')).join(','),
  };
  // The addresses are those of this machine; only the connections go through the link.
  const command = ['apps/cli/bin/spinbay.mjs', 'ingest', bench.spin, '--stock', stock, '--previews', '--json'];
  const [program, ...args] = network.command(process.execPath, command);
  const began = Date.now();
  await promisify(execFile)(program, args, { env }).catch((error: { code?: number; stderr?: string }) => {
    // Status 2 means that some frames failed QC, which is a result, too.
    if (error.code !== 2) throw new Error(`ingest failed: ${error.stderr}`);
  });
  return {
    began,
    frames: spinAngles.map((angle) => ({ angle, shutter: began, stored: began })),
    sent: () => undefined,
    end: async () => undefined,
  };
}

interface UploadRow {
  readonly image_id: string;
  readonly angle: number;
  readonly kind: Part;
  readonly size: number;
  readonly created_at: Date;
  readonly stored_at: Date | null;
  readonly work_started_at: Date | null;
  readonly processed_at: Date | null;
}

/** Combines the times of the device, the database and the reviewer's page. */
async function joinTimes(
  storage: Storage,
  stock: string,
  delivery: Delivery,
  watch: PortalWatch,
): Promise<FrameTimes[]> {
  const uploads = await storage.rows<UploadRow>(
    `select u.image_id, i.angle_deg::int as angle, u.kind, coalesce(u.size_bytes, u.content_length)::int as size,
            u.created_at, u.stored_at, u.work_started_at, u.processed_at
       from uploads u join images i on (i.org_id, i.id) = (u.org_id, u.image_id)
       join sessions s on (s.org_id, s.id) = (i.org_id, i.session_id)
       join vehicles v on (v.org_id, v.id) = (s.org_id, s.vehicle_id)
      where v.stock = $1`,
    [stock],
  );
  const timesOf = (angle: number, kind: Part, seen: 'first' | 'original'): PartTimes | undefined => {
    const upload = uploads.find((row) => row.angle === angle && row.kind === kind);
    if (upload === undefined) return undefined;
    const sent = delivery.sent(angle, kind);
    const { polled = Number.NaN, painted = Number.NaN } = watch[seen].get(angle) ?? {};
    const at = (time: Date | null) => time?.getTime() ?? Number.NaN;
    return {
      presigned: sent?.presigned ?? at(upload.created_at),
      firstByte: sent?.firstByte ?? at(upload.created_at),
      uploaded: sent?.uploaded ?? at(upload.stored_at),
      event: at(upload.stored_at),
      pickedUp: at(upload.work_started_at),
      processed: at(upload.processed_at),
      ...{ polled, painted, bytes: upload.size },
    };
  };
  return delivery.frames.map((frame) => {
    const original = timesOf(frame.angle, 'original', 'original');
    if (original === undefined) throw new Error(`the server has no original of ${frame.angle} degrees`);
    const preview = timesOf(frame.angle, 'preview', 'first');
    const isFirst = preview !== undefined && preview.processed < original.processed;
    return { ...frame, first: isFirst ? preview : original, original };
  });
}
