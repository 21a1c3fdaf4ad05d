import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CDPSession } from 'playwright-core';
import sharp from 'sharp';
import { filmOf } from '../../tests/e2e/support/fake-camera.ts';
import { type Installation, makePlace, start } from '../../tests/e2e/support/installation.ts';
import { Phone } from '../../tests/e2e/support/phone.ts';

/** What the page of the capture app keeps in memory after a frame, in bytes, after a garbage collection. */
interface MemorySample {
  readonly frame: number;
  /** JavaScript objects, DOM and array buffers. */
  readonly heap: number;
  /** The sizes of all Blob objects that the page can still reach. */
  readonly blobs: number;
}

interface SpinMemory {
  readonly samples: readonly MemorySample[];
  /** The mean size of an original, in bytes. */
  readonly photo: number;
}

const size = { width: 4032, height: 3024 };

/** A frame takes seconds, and several times as long on a busy machine. */
const longestStepMs = 10 * 60_000;

/**
 * Shoots a spin of 72 frames of 12 megapixels in Chromium without a network, so that every photo stays on the device.
 * @param onSample is called after every third frame: a run takes many minutes
 */
export async function measureSpinMemory(onSample: (sample: MemorySample) => void): Promise<SpinMemory> {
  const folder = await mkdtemp(join(tmpdir(), 'spinbay-memory-'));
  const place = await makePlace();
  let installation: Installation | undefined;
  let phone: Phone | undefined;
  try {
    const film = join(folder, 'film.y4m');
    await filmNoise(join(folder, 'pictures'), film);
    installation = await start(place);
    phone = await Phone.takeUp({
      profile: join(folder, 'phone'),
      film,
      capture: installation.endpoints.capture,
      prepare: async (context) => context.setDefaultTimeout(longestStepMs),
    });
    await phone.enrolWithOneTap();
    await phone.page.getByRole('radio', { name: '72' }).click();
    await phone.context.setOffline(true);
    await phone.startSpin('memory-1');
    const session = await phone.context.newCDPSession(phone.page);
    const samples: MemorySample[] = [];
    for (let frame = 1; frame <= 72; frame++) {
      await phone.press();
      await phone.page.getByTestId('progress').getByText(`${frame}/72`).waitFor();
      if (frame % 3 !== 0) continue;
      const memory = { frame, ...(await sample(session)) };
      samples.push(memory);
      onSample(memory);
    }
    return { samples, photo: (await originalBytes(phone)) / 72 };
  } finally {
    await phone?.close();
    await installation?.stop();
    await place.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A camera that shows noise: its photos have about 3 MB, like those of a phone. */
async function filmNoise(pictures: string, film: string): Promise<void> {
  await mkdir(pictures);
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 12 };
  const create = { ...size, channels: 3 as const, noise, background: '#808080' };
  await sharp({ create }).jpeg({ quality: 92 }).toFile(join(pictures, 'noise.jpg'));
  await filmOf(pictures, film, { framesPerSecond: 1 });
}

async function sample(session: CDPSession): Promise<Omit<MemorySample, 'frame'>> {
  await session.send('HeapProfiler.collectGarbage');
  const usage: { usedSize: number; embedderHeapUsedSize?: number; backingStorageSize?: number } =
    await session.send('Runtime.getHeapUsage');
  const heap = usage.usedSize + (usage.embedderHeapUsedSize ?? 0) + (usage.backingStorageSize ?? 0);
  const objectGroup = 'memory';
  const { result: prototype } = await session.send('Runtime.evaluate', { expression: 'Blob.prototype', objectGroup });
  const { objects } = await session.send('Runtime.queryObjects', {
    prototypeObjectId: prototype.objectId ?? '',
    objectGroup,
  });
  const { result } = await session.send('Runtime.callFunctionOn', {
    objectId: objects.objectId ?? '',
    // The prototype of File is among the results, and has no size.
    functionDeclaration:
      'function () { return this.reduce((sum, blob) => sum + (Object.hasOwn(blob, "constructor") ? 0 : blob.size), 0); }',
    returnByValue: true,
  });
  await session.send('Runtime.releaseObjectGroup', { objectGroup });
  return { heap, blobs: Number(result.value) };
}

function originalBytes({ page }: Phone): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('spinbay-outbox');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const rows = opening.result.transaction('rows').objectStore('rows').getAll();
          rows.onerror = () => reject(rows.error);
          rows.onsuccess = () => {
            opening.result.close();
            resolve(rows.result.reduce((sum, row) => sum + (row.kind === 'photo' ? row.original.size : 0), 0));
          };
        };
      }),
  );
}

/** How much the mean of the last third of the values is above that of the first third. */
export function growthOf(values: readonly number[]): number {
  const third = Math.floor(values.length / 3);
  const mean = (some: readonly number[]) => some.reduce((sum, value) => sum + value, 0) / some.length;
  return mean(values.slice(-third)) - mean(values.slice(0, third));
}

/** The slope per frame of the least-squares line through the values. */
export function slopeOf(values: readonly { readonly frame: number; readonly value: number }[]): number {
  const meanOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const middle = meanOf(values.map(({ frame }) => frame));
  const mean = meanOf(values.map(({ value }) => value));
  const over = values.reduce((sum, { frame, value }) => sum + (frame - middle) * (value - mean), 0);
  return over / values.reduce((sum, { frame }) => sum + (frame - middle) ** 2, 0);
}
