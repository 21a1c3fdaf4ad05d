import { open } from 'node:fs/promises';

/** The end marker of a JPEG must be in this many last bytes. Cameras write extra data after it. */
const tailBytes = 64 * 1024;

/** Whether a file contains a photo to its end: the end marker of a JPEG, or all boxes of a HEIC. */
export async function isComplete(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = await read(file, 0, Math.min(size, 12));
    if (head[0] === 0xff && head[1] === 0xd8) {
      const from = Math.max(2, size - tailBytes);
      return (await read(file, from, size - from)).lastIndexOf(Buffer.from([0xff, 0xd9])) >= 0;
    }
    return head.toString('latin1', 4, 8) === 'ftyp' && (await hasAllBoxes(file, size));
  } finally {
    await file.close();
  }
}

type File = Awaited<ReturnType<typeof open>>;

async function read(file: File, from: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
  return buffer.subarray(0, bytesRead);
}

/** Whether the last box ends where the file ends. */
async function hasAllBoxes(file: File, size: number): Promise<boolean> {
  for (let at = 0; at < size; ) {
    const header = await read(file, at, 16);
    if (header.length < 8) return false;
    const short = header.readUInt32BE(0);
    // 0: the box extends to the end of the file, so the length cannot be checked. 1: a 64-bit length follows.
    if (short === 0) return true;
    const length = short === 1 && header.length === 16 ? Number(header.readBigUInt64BE(8)) : short;
    if (length < 8) return false;
    at += length;
    if (at > size) return false;
  }
  return true;
}
