import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ContentType,
  type SessionMode,
  type ShotList,
  type Slot,
  slotFromFileName,
  slotKey,
} from '@spinbay/contracts';
import { CommandError } from '../terminal/command-error.ts';

export interface PlannedFrame {
  readonly file: string;
  readonly path: string;
  readonly slot: Slot;
}

export interface Plan {
  readonly shotList: ShotList;
  readonly frames: readonly PlannedFrame[];
  /** Files that are not taken, each with the reason. */
  readonly left: readonly { file: string; why: string }[];
}

const defaultFrameCount = 24;

/** Reads which frames a folder has and into which slots they go: by their names, else by their order. */
export async function planFolder(folder: string, mode: SessionMode): Promise<Plan> {
  const names = await listFiles(folder);
  const photos = names.filter((name) => contentTypeOf(name) !== null);
  const left = names
    .filter((name) => /\.(png|webp|avif|tiff?|gif|bmp|dng|cr[23]|nef|arw|raf)$/i.test(name))
    .map((file) => ({ file, why: 'Only JPEG and HEIC photos are taken. Save it as JPEG.' }));
  if (photos.length === 0) {
    throw new CommandError(
      `${folder} has no .jpg, .jpeg or .heic files${left.length > 0 ? ' (other formats are not taken: save them as JPEG)' : ''}.`,
    );
  }
  const plan = mode === 'studio360' ? planSpin(photos) : planStills(photos);
  return { ...plan, frames: plan.frames.map((frame) => ({ ...frame, path: join(folder, frame.file) })), left };
}

/** By its name; the worker looks at the bytes. `null`: not taken. */
export function contentTypeOf(file: string): ContentType | null {
  if (/\.jpe?g$/i.test(file)) return 'image/jpeg';
  return /\.hei[cf]$/i.test(file) ? 'image/heic' : null;
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    // As people count: IMG_9 before IMG_10.
    const order = new Intl.Collator('en', { numeric: true });
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort(order.compare);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new CommandError(`There is no folder ${folder}.`);
    if (code === 'ENOTDIR') throw new CommandError(`${folder} is a file. Give the folder that it lies in.`);
    throw new CommandError(`${folder} cannot be read (${code}).`);
  }
}

function planSpin(files: readonly string[]) {
  const named = files.map((file) => ({ file, slot: slotFromFileName(file) }));
  const angles = named.map(({ slot }) => slot.angle_deg);
  if (angles.every((angle) => angle !== null)) {
    assertDistinct(named);
    return { shotList: { studio360: { frame_count: frameCountOf(angles) } }, frames: named };
  }
  const count = Math.max(files.length, defaultFrameCount);
  if (360 % count !== 0) {
    throw new CommandError(
      `The folder has ${files.length} photos, which do not divide a circle. A spin has up to 24 (or 30, 36, 40, 45, 60, 72, ...). Take some out, or use --mode stills.`,
    );
  }
  const frames = files.map((file, k) => ({ file, slot: { angle_deg: (k * 360) / count, shot_name: null } }));
  return { shotList: { studio360: { frame_count: count } }, frames };
}

/** The smallest usual number of frames that has a slot for every angle. */
function frameCountOf(angles: readonly number[]): number {
  const count = [24, 36, 72, 120, 180, 360].find((n) => angles.every((angle) => (angle * n) % 360 === 0));
  if (count === undefined)
    throw new CommandError(
      'The angles in the file names are not whole degrees. Name the files angle_000.jpg, angle_015.jpg, ...',
    );
  return count;
}

function planStills(files: readonly string[]) {
  const frames = files.map((file) => {
    const slot = slotFromFileName(file);
    return { file, slot: slot.shot_name === null ? { angle_deg: null, shot_name: shotNameOf(file) } : slot };
  });
  assertDistinct(frames);
  const stills = frames.map(({ slot }) => ({ name: slot.shot_name ?? '', required: true }));
  return { shotList: { stills }, frames };
}

function shotNameOf(file: string): string {
  const stem = file.replace(/\.[^.]*$/, '');
  const name = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 64)
    .replace(/_+$/, '');
  if (name === '')
    throw new CommandError(`${file}: the name has no letters or digits to make a shot's name of. Rename it.`);
  return name;
}

function assertDistinct(frames: readonly { file: string; slot: Slot }[]): void {
  const seen = new Map<string, string>();
  for (const { file, slot } of frames) {
    const key = slotKey(slot);
    const other = seen.get(key);
    if (other !== undefined)
      throw new CommandError(`${other} and ${file} name the same slot (${key}). Rename or remove one of them.`);
    seen.set(key, file);
  }
}

/** Bytes and SHA-256 (hex) of a file, read as a stream. */
export async function digestFile(path: string): Promise<{ size: number; sha256: string; capturedAt: Date }> {
  const { mtime } = await stat(path);
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { size, sha256: hash.digest('hex'), capturedAt: mtime };
}
