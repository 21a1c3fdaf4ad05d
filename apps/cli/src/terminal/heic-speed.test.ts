import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { heicSpeed } from './heic-speed.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-heic-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('says that HEIC photos are slow without ffmpeg, and what to do', async () => {
  expect(heicSpeed(folder)).toMatchObject({ isSlow: true, text: expect.stringMatching(/Install ffmpeg and restart/) });
  const program = join(folder, 'ffmpeg');
  await writeFile(program, '');
  await chmod(program, 0o755);
  expect(heicSpeed(folder)).toEqual({ isSlow: false, text: `${program} decodes them` });
});
