import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from './random.ts';

/** A `good` photo becomes a measured frame with its digest. A `poison` photo is unreadable and becomes a failed frame. */
type PhotoKind = 'good' | 'poison';

export interface Photo {
  readonly kind: PhotoKind;
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** @returns a function that takes a photo: one of the sample car with bytes of its own, or a file that no decoder accepts */
export async function openPhotos(spin: string, folder: string, random: Random) {
  const drawn = await Promise.all((await readdir(spin)).map((name) => readFile(join(spin, name))));
  const poisons: ((jpeg: Buffer) => Buffer)[] = [
    (jpeg) => jpeg.subarray(0, jpeg.length >> 1),
    () => Buffer.from(`no photo at all ${randomUUID()}`),
    (jpeg) => Buffer.concat([jpeg.subarray(0, 400), Buffer.alloc(2_000), Buffer.from(randomUUID())]),
    () => Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(randomUUID())]),
  ];
  return async (): Promise<Photo> => {
    const kind: PhotoKind = random.next() < 0.08 ? 'poison' : 'good';
    const unique = withComment(random.pick(drawn), randomUUID());
    const bytes = kind === 'good' ? unique : random.pick(poisons)(unique);
    const path = join(folder, `${randomUUID()}.jpg`);
    await writeFile(path, bytes);
    return { kind, path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
}

/** The same picture with other bytes: adds a comment after the start marker. */
export function withComment(jpeg: Buffer, text: string): Buffer {
  const segment = Buffer.alloc(4 + text.length);
  segment.writeUInt16BE(0xfffe, 0);
  segment.writeUInt16BE(2 + text.length, 2);
  segment.write(text, 4);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}
