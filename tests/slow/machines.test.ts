// API, worker, database, and object store with its queue on machines of their own, as in a real installation. All addresses
// come from settings.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { whyNoMachines } from '../e2e/support/machines.ts';
import { spinAngles } from '../e2e/support/phone.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';
import { cut, type Fate } from './machines/cut.ts';
import { openInstallation } from './machines/installation.ts';

/**
 * How long each link is cut. 20 s is longer than any connection attempt takes. Connections that are forgotten never work
 * again, so 5 s is enough for them.
 */
const cutMs: Readonly<Record<Fate, number>> = { survive: 20_000, 'are forgotten': 5_000 };

const whyNot = await whyNoMachines('nft', 'ss');
if (whyNot !== undefined) console.log(`Skipped: there are no network namespaces here. ${whyNot}`);

// Both run at the same time, because they mostly wait for the end of a cut.
test.skipIf(whyNot !== undefined).concurrent.for<Fate>(['survive', 'are forgotten'])(
  'each link between the machines is cut while a spin is sent, and open connections %s: every frame is processed, exactly once',
  { timeout: 900_000 },
  async (fate, { expect, onTestFailed, onTestFinished }) => {
    const { folder, log, onDevice, rows, routes, remove } = await openInstallation();
    onTestFinished(remove, 240_000);
    const [spin, camera] = [join(folder, 'spin'), join(folder, 'camera')];
    await sampleSpin(spin);
    await mkdir(camera);
    const photos = (await readdir(spin)).sort();
    const ingest = onDevice('ingest', camera, '--stock', 'MACHINES-1', '--watch', '--json');
    let [result, progress] = ['', ''];
    ingest.stdout?.setEncoding('utf8').on('data', (text: string) => {
      result += text;
    });
    ingest.stderr?.setEncoding('utf8').on('data', (text: string) => {
      progress += text;
    });
    onTestFailed(() => console.error(log().slice(-6_000), progress.slice(-1_000)));
    const count = async (condition: string) => {
      const [row] = await rows<{ n: number }>('spinbay', `select count(*)::int as n from images where ${condition}`);
      return row?.n ?? 0;
    };
    let shot = 0;
    const shoot = async (frames: number) => {
      for (const name of photos.slice(shot, shot + frames)) await copyFile(join(spin, name), join(camera, name));
      shot += frames;
    };
    const settled = async () => {
      await expect.poll(() => count(`status in ('processed', 'failed')`), { timeout: 120_000 }).toBe(shot);
    };
    // The first frames show that everything works before something is cut.
    await expect.poll(() => progress, { timeout: 60_000 }).toContain('0 of 24 slots have a photo');
    await shoot(3);
    await settled();
    for (const route of routes) {
      const began = performance.now();
      await shoot(1);
      await cut(route, fate, async () => {
        await sleep(cutMs[fate] / 2);
        await shoot(2);
        await sleep(cutMs[fate] / 2);
      });
      const healed = performance.now();
      await settled();
      const seconds = (from: number) => ((performance.now() - from) / 1000).toFixed(0);
      console.log(
        `open connections ${fate}, ${route.words}: cut for ${((healed - began) / 1000).toFixed(0)} s, settled after another ${seconds(healed)} s`,
      );
    }
    expect(shot).toBe(photos.length);
    ingest.stdin?.write('d\n');
    await expect.poll(() => ingest.exitCode, { timeout: 120_000 }).toBe(0);
    expect(JSON.parse(result).session_status).toBe('completed');

    const frames = await rows<{ angle: number; status: string; sha256: string }>(
      'spinbay',
      'select angle_deg::int as angle, status, hash_sha256 as sha256 from images order by angle_deg',
    );
    const digests = await Promise.all(
      photos.map(async (name) =>
        createHash('sha256')
          .update(await readFile(join(spin, name)))
          .digest('hex'),
      ),
    );
    expect(frames).toEqual(spinAngles.map((angle, k) => ({ angle, status: 'processed', sha256: digests[k] })));
    const uploads = await rows<{ kind: string; state: string; n: number }>(
      'spinbay',
      'select kind, state, count(*)::int as n from uploads group by kind, state order by kind, state',
    );
    expect(uploads.filter(({ kind }) => kind === 'original')).toEqual([
      { kind: 'original', state: 'processed', n: shot },
    ]);
    // The device reaches the API at an address of another machine, so it sends previews first. One that a cut delays may be
    // dropped, or arrive after its original.
    expect(uploads.find(({ kind, state }) => kind === 'preview' && state === 'processed')?.n).toBeGreaterThan(shot / 2);
    const keys = async (database: Parameters<typeof rows>[0], sql: string) =>
      (await rows<{ key: string }>(database, sql)).map(({ key }) => key);
    const uploadKeys = await keys('spinbay', 'select storage_key as key from uploads');
    const stored = await keys('spinbay_cloud', 'select key from local_cloud.objects');
    // The thumbnails of a preview that its original overtook have no row: the deletion jobs remove them later.
    const sources = stored.map((key) => key.replace(/_thumb_\d+\.jpg$/, ''));
    expect(sources.filter((key) => !uploadKeys.includes(key))).toEqual([]);
    const shown = await keys(
      'spinbay',
      `select storage_key as key from uploads where kind = 'original' union all select storage_key as key from renditions`,
    );
    expect(shown.filter((key) => !stored.includes(key))).toEqual([]);
  },
);
