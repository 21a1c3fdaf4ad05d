import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { seenSize } from './phone.ts';

/** Finds the picture of a spin that a reduced picture shows: the one that differs least. */
export class SpinPictures {
  readonly #pictures: ReadonlyMap<number, readonly number[]>;

  private constructor(pictures: ReadonlyMap<number, readonly number[]>) {
    this.#pictures = pictures;
  }

  /** @param numbers the pictures to choose from, from 0 */
  static async of(folder: string, numbers: readonly number[]): Promise<SpinPictures> {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
    const read = numbers.map(async (k) => [k, await reduced(join(folder, names[k] ?? ''))] as const);
    return new SpinPictures(new Map(await Promise.all(read)));
  }

  /** @returns the number of the picture in the spin, from 0 */
  which(seen: readonly number[]): number {
    const difference = (picture: readonly number[]) =>
      picture.reduce((sum, value, i) => sum + Math.abs(value - (seen[i] ?? 0)), 0);
    const [best] = [...this.#pictures].sort(([, a], [, b]) => difference(a) - difference(b));
    return best?.[0] ?? -1;
  }

  async whichOf(jpeg: Buffer): Promise<number> {
    return this.which(await reduced(jpeg));
  }
}

async function reduced(picture: string | Buffer): Promise<number[]> {
  const [width, height] = seenSize;
  const { data } = await sharp(picture)
    .resize(width, height, { fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Array.from({ length: width * height }, (_, i) => data[i * 3 + 1] ?? 0);
}

/** Makes some pictures of a folder over- or underexposed. @param at numbers from 0 */
export async function misexpose(folder: string, at: { over: readonly number[]; under: readonly number[] }) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  const light = [
    ...at.over.map((k) => ({ k, factor: 2.4, offset: 0 })),
    ...at.under.map((k) => ({ k, factor: 0.5, offset: -60 })),
  ];
  for (const { k, factor, offset } of light) {
    const file = join(folder, names[k] ?? '');
    const picture = await sharp(file).linear(factor, offset).jpeg({ quality: 95 }).toBuffer();
    await sharp(picture).jpeg({ quality: 95 }).toFile(file);
  }
}
