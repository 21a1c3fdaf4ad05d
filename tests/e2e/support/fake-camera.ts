import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromiumOptions } from '@spinbay/runtime/testing';
import { type BrowserContext, chromium } from 'playwright-core';
import sharp from 'sharp';
import { actionTimeoutMs } from './action-timeout.ts';

/**
 * Writes the JPEGs of a folder, sorted by name, as a film that Chromium repeats as the picture of its camera.
 * @param order the picture of each frame; default: each once
 */
export async function filmOf(folder: string, file: string, options: { framesPerSecond: number; order?: number[] }) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  if (names.length === 0) throw new Error(`${folder} has no JPEG`);
  const out = await open(file, 'w');
  try {
    let begun = false;
    let [last, picture] = [-1, null as Awaited<ReturnType<typeof i420>> | null];
    for (const number of options.order ?? names.keys()) {
      // Keeps one picture in memory at a time: 24 of 12 megapixels would need 440 MB, with their RGB pixels more than a
      // gigabyte.
      if (number !== last || picture === null) picture = await i420(join(folder, names[number] ?? ''));
      last = number;
      const { width, height, data } = picture;
      if (!begun) await out.write(`YUV4MPEG2 W${width} H${height} F${options.framesPerSecond}:1 Ip A1:1 C420jpeg\n`);
      begun = true;
      await out.write('FRAME\n');
      await out.write(data);
    }
  } finally {
    await out.close();
  }
}

/** One luma plane and two chroma planes of half the width and height. */
async function i420(file: string) {
  const { data: rgb, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const data = Buffer.alloc((width * height * 3) / 2);
  const [u, v] = [width * height, (width * height * 5) / 4];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const [r = 0, g = 0, b = 0] = [rgb[at], rgb[at + 1], rgb[at + 2]];
      data[y * width + x] = 0.299 * r + 0.587 * g + 0.114 * b;
      if (y % 2 || x % 2) continue;
      const colour = (y >> 1) * (width >> 1) + (x >> 1);
      data[u + colour] = 128 - 0.169 * r - 0.331 * g + 0.5 * b;
      data[v + colour] = 128 + 0.5 * r - 0.419 * g - 0.081 * b;
    }
  }
  return { data, width, height };
}

interface PhoneOptions {
  /** Instead of the system's Chromium. */
  readonly executable?: string;
  readonly args?: readonly string[];
}

/** A browser with this film as its camera and its data in `profile`. Without a film, the operator refuses the camera. */
export async function openPhone(
  profile: string,
  film: string | null,
  { executable, args = [] }: PhoneOptions = {},
): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable ?? chromiumOptions.executablePath,
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    args: [
      ...chromiumOptions.args,
      '--use-fake-device-for-media-stream',
      ...(film === null
        ? ['--deny-permission-prompts']
        : ['--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${film}`]),
      ...args,
    ],
  });
  context.setDefaultTimeout(actionTimeoutMs);
  return context;
}
