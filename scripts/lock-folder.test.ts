import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOf, withLock } from './lock-folder.mjs';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spinbay-lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const module = JSON.stringify(fileURLToPath(new URL('lock-folder.mjs', import.meta.url)));

/** Starts another process, which takes the lock and then runs `work`. */
async function otherProcess(work: string) {
  const code = `import { withLock } from ${module}; import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
    const folder = ${JSON.stringify(folder)};
    await withLock(folder + '/lock', async () => { ${work} }, () => {});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

test('a process waits for the holder of the lock, and says which one it is', async () => {
  const other = await otherProcess(
    "console.log('has it'); await new Promise((resolve) => setTimeout(resolve, 60_000));",
  );
  if (other.stdout === null) throw new Error('no stdout');
  await once(other.stdout, 'data');
  const waited: number[] = [];
  const work = withLock(
    join(folder, 'lock'),
    () => 'done',
    (pid) => waited.push(pid),
  );
  await expect.poll(() => waited).toEqual([other.pid]);
  // A killed process leaves its lock, which then does not count.
  other.kill('SIGKILL');
  expect(await work).toBe('done');
  expect(readdirSync(join(folder, 'lock'))).toEqual([]);
});

test('processes that start at once work one after the other', async () => {
  const work = `if (existsSync(folder + '/busy')) appendFileSync(folder + '/overlaps', 'x');
    writeFileSync(folder + '/busy', ''); await new Promise((resolve) => setTimeout(resolve, 50)); rmSync(folder + '/busy');`;
  const all = await Promise.all([1, 2, 3].map(() => otherProcess(work)));
  const statuses = await Promise.all(all.map(async (child) => (await once(child, 'exit'))[0]));
  expect(statuses).toEqual([0, 0, 0]);
  expect(readdirSync(folder)).toEqual(['lock']);
});

test('the lock of a process whose id was reused does not count', async () => {
  await withLock(
    join(folder, 'lock'),
    () => undefined,
    () => undefined,
  );
  writeFileSync(join(folder, 'lock', `${process.ppid}-1.held`), '');
  expect(
    await withLock(
      join(folder, 'lock'),
      () => 'done',
      () => undefined,
    ),
  ).toBe('done');
});

test('failed work releases the lock', async () => {
  const fail = () => Promise.reject(new Error('no space left'));
  await expect(withLock(join(folder, 'lock'), fail, () => undefined)).rejects.toThrow('no space left');
  expect(readdirSync(join(folder, 'lock'))).toEqual([]);
});

test('without /proc, the start of a process is the same in every time zone', () => {
  const zone = process.env.TZ;
  try {
    process.env.TZ = 'Asia/Tokyo';
    const inTokyo = startOf(process.pid, 'darwin');
    process.env.TZ = 'America/New_York';
    expect(startOf(process.pid, 'darwin')).toBe(inTokyo);
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});
