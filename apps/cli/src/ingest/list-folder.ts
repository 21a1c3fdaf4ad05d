import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentType } from '@spinbay/contracts';
import { sniffFormat } from '@spinbay/imaging/file';
import { CommandError } from '../terminal/command-error.ts';
import { printable } from '../terminal/print.ts';

export interface PhotoFile {
  readonly file: string;
  readonly path: string;
  readonly contentType: ContentType;
}

/** A file that is not uploaded. */
export interface LeftOut {
  readonly file: string;
  readonly why: string;
  /** Whether it is a picture, which the user may want to upload, and not a note or another file. */
  readonly isPicture: boolean;
}

/** Lists the photos of a folder in natural order (IMG_9 before IMG_10), and the other files. */
export async function listFolder(folder: string): Promise<{ photos: PhotoFile[]; leftOut: LeftOut[] }> {
  const photos: PhotoFile[] = [];
  const leftOut: LeftOut[] = [];
  const names = await namesIn(folder);
  for (const file of names) {
    const found = await inspectFile(folder, file);
    if (found === null) continue;
    if ('why' in found) leftOut.push(found);
    else photos.push(found);
  }
  return { photos, leftOut: leftOut.map((each) => withRawPair(each, photos)) };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort(new Intl.Collator('en', { numeric: true }).compare);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const name = printable(folder);
    if (code === 'ENOENT') throw new CommandError(`There is no folder ${name}.`);
    if (code === 'ENOTDIR') throw new CommandError(`${name} is a file. Give the folder that contains it.`);
    throw new CommandError(`${name} cannot be read (${code}).`);
  }
}

const photoName = /\.(jpe?g|jpe|jfif|hei[cf]|hif)$/i;
/** Pictures in unsupported formats, including raw files. */
const otherPicture = /\.(png|webp|avif|jxl|tiff?|gif|bmp|svg|dng|cr[23]|nef|nrw|arw|raf|rw2|orf|pef|srw|3fr|iiq)$/i;
const raw = /\.(dng|cr[23]|nef|nrw|arw|raf|rw2|orf|pef|srw|3fr|iiq)$/i;

/** @returns null for a hidden folder, and for a hidden file that is not a photo, such as `.DS_Store` */
async function inspectFile(folder: string, file: string): Promise<PhotoFile | LeftOut | null> {
  const path = join(folder, file);
  const isHidden = file.startsWith('.');
  const leaveOut = (why: string, isPicture: boolean): LeftOut => ({ file, why, isPicture });
  let head: Uint8Array;
  try {
    const info = await stat(path);
    if (info.isDirectory())
      return isHidden ? null : leaveOut('is a folder. Only files directly in the folder are uploaded.', false);
    // Reading from a pipe or a socket may block forever.
    if (!info.isFile()) return leaveOut('is not a regular file.', false);
    head = await readHead(path);
  } catch (error) {
    if (isHidden) return null;
    const code = (error as NodeJS.ErrnoException).code;
    const why = file.includes('\ufffd') ? 'its name is not valid UTF-8; rename it' : code;
    return leaveOut(`cannot be read (${why}).`, photoName.test(file) || otherPicture.test(file));
  }
  const format = sniffFormat(head);
  const isPhoto = format === 'jpeg' || format === 'heic';
  if (isHidden) return isPhoto ? leaveOut('is hidden. Rename it without the dot to upload it.', true) : null;
  const contentType = format === 'heic' ? 'image/heic' : 'image/jpeg';
  // A file with a photo's name keeps its place in the order, whatever its content. The worker then reports what is wrong.
  if (photoName.test(file)) return { file, path, contentType: isPhoto ? contentType : contentTypeOfName(file) };
  if (isPhoto && !file.includes('.')) return { file, path, contentType };
  if (isPhoto)
    return leaveOut(
      `is a ${format === 'jpeg' ? 'JPEG' : 'HEIC'} photo with another file extension. Rename it to end in .${format === 'jpeg' ? 'jpg' : 'heic'}.`,
      true,
    );
  if (otherPicture.test(file) || format !== 'unknown')
    return leaveOut('is in an unsupported format. Save it as JPEG or HEIC.', format !== 'pdf');
  return leaveOut('is not a photo.', false);
}

function contentTypeOfName(file: string): ContentType {
  return /\.(hei[cf]|hif)$/i.test(file) ? 'image/heic' : 'image/jpeg';
}

async function readHead(path: string): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** A camera that writes RAW and JPEG creates two files per photo, and the JPEG is enough. */
function withRawPair(left: LeftOut, photos: readonly PhotoFile[]): LeftOut {
  if (!raw.test(left.file)) return left;
  const stem = (file: string) => file.replace(/\.[^.]*$/, '').toLowerCase();
  const pair = photos.find(({ file }) => stem(file) === stem(left.file));
  return pair === undefined
    ? left
    : { ...left, why: `is the raw file of ${pair.file}, which is uploaded.`, isPicture: false };
}
