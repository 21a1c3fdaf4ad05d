import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { defaultQcThresholds } from '@spinbay/contracts';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { codedTiles } from '../heic/test-coded-tiles.ts';
import { heif } from '../heic/test-heif.ts';
import { createMeasurer, ImageRejected, type Measurer, type MeasurerOptions, measureImage } from '../index.ts';
import { jpeg, texture } from '../test-pictures.ts';

const root = join(import.meta.dirname, '../../../..');
const scripts = join(root, `node_modules/.cache/spinbay-tests/${randomUUID()}`);
const [real, misbehaving, parent] = ['measure-child', 'test-child', 'test-parent'].map((name) =>
  pathToFileURL(join(scripts, `${name}.mjs`)),
) as [URL, URL, URL];
const request = {
  qc: defaultQcThresholds,
  maxBytes: 20e6,
};
const never = new AbortController().signal;

let folder: string;
const measurers: Measurer[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-pool-'));
  await build({
    entryPoints: ['measure-child', 'test-child', 'test-parent'].map((name) => join(import.meta.dirname, `${name}.ts`)),
    outdir: scripts,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['sharp', 'libheif-js/*'],
  });
});
afterEach(async () => {
  await Promise.all(measurers.splice(0).map((measurer) => measurer.close()));
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await rm(scripts, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

function start(options: Partial<MeasurerOptions> = {}): Measurer {
  const measurer = createMeasurer({
    entry: misbehaving,
    slots: 1,
    startTimeoutMs: 60_000,
    timeoutMs: 60_000,
    maxRssMb: 600,
    ...options,
  });
  measurers.push(measurer);
  return measurer;
}

async function fileOf(content: string | Buffer): Promise<string> {
  const file = join(folder, randomUUID());
  await writeFile(file, content);
  return file;
}

const measure = async (measurer: Measurer, content: string | Buffer, signal = never) =>
  measurer.measure({ ...request, file: await fileOf(content) }, signal);

async function rejection(outcome: Promise<unknown>): Promise<ImageRejected> {
  const error = await outcome.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (error instanceof ImageRejected) return error;
  throw error ?? new Error('The picture was measured.');
}

/** A zombie process (Z) counts as ended. */
const isAlive = (pid: number) => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
};

async function gone(pid: number): Promise<void> {
  for (const deadline = Date.now() + 30_000; isAlive(pid); await sleep(20))
    if (Date.now() > deadline) throw new Error(`process ${pid} is still running`);
}

const picture = () => jpeg({ width: 320, height: 240, at: texture });

test('gives the same measures in a child process as in this one, for JPEG and HEIC', async () => {
  const measurer = start({ entry: real });
  const grid = { columns: 3, rows: 3, width: 190, height: 190 };
  for (const bytes of [await picture(), heif({ tile: codedTiles.full, grid })]) {
    expect(await measure(measurer, bytes)).toEqual(await measureImage(bytes, request));
  }
  const damaged = heif({ tile: codedTiles.full, grid });
  damaged.fill(0x55, damaged.length - 200);
  const refused = await rejection(measure(measurer, damaged));
  expect(refused).toEqual(await rejection(measureImage(damaged, request)));
  expect((await rejection(measure(measurer, ''))).code).toBe('empty_file');
  expect((await measure(measurer, await picture())).width).toBe(320);
});

test('rejects a picture that crashes the decoder and measures the next one', async () => {
  const measurer = start();
  for (const way of ['abort', 'segfault', 'throw']) {
    const refused = await rejection(measure(measurer, way));
    expect(refused.code).toBe('decoder_crashed');
    expect(refused.message).toContain('Save it as a normal JPEG');
    expect((await measure(measurer, await picture())).width).toBe(320);
  }
});

/** The ids of the running measuring processes. */
const running = () => {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => (line.includes(scripts) ? Number.parseInt(line, 10) : []));
};

/** Starts `count` processes and leaves them idle. */
async function startIdle(count: number): Promise<{ measurer: Measurer; pids: number[] }> {
  const measurer = start({ slots: count, timeoutMs: 8_000 });
  const bytes = await picture();
  await Promise.all(Array.from({ length: count }, () => measure(measurer, bytes)));
  return { measurer, pids: running() };
}

test('measures the next picture after idle processes were killed from outside', async () => {
  for (const signal of ['SIGKILL', 'SIGSEGV'] as const) {
    const { measurer, pids } = await startIdle(3);
    expect(pids).toHaveLength(3);
    const file = await fileOf(await picture());
    for (const pid of pids) process.kill(pid, signal);
    // Blocks this thread, so that it sends to a process before it notices that the process ended.
    for (const pid of pids) while (isAlive(pid));
    expect((await measurer.measure({ ...request, file }, never)).width).toBe(320);
    await measurer.close();
  }
});

test('replaces a stopped idle process after its time limit and still measures the picture', async () => {
  const { measurer, pids } = await startIdle(1);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  expect((await measure(measurer, await picture())).width).toBe(320);
  expect(running()).not.toEqual(pids);
});

test('does not reject a picture if its process is killed from outside', async () => {
  const measurer = start();
  const pidFile = join(folder, randomUUID());
  const outcome = measure(measurer, `pid ${pidFile}`).then(
    () => 'measured',
    (error: unknown) => error,
  );
  // Like the OOM killer, at every attempt.
  const killed = new Set<number>();
  for (let kills = 0; kills < 3; kills++) {
    const pid = await eventually(async () => {
      const text = await readFile(pidFile, 'utf8').catch(() => '');
      return text === '' || killed.has(Number(text)) ? undefined : Number(text);
    });
    killed.add(pid);
    process.kill(pid, 'SIGKILL');
  }
  const error = await outcome;
  expect(error).not.toBeInstanceOf(ImageRejected);
  expect(String(error)).toContain('was lost (SIGKILL)');
  expect((await measure(measurer, await picture())).width).toBe(320);
});

test('rejects a picture only if it ends a second process', async () => {
  const measurer = start();
  const file = await fileOf(await picture());
  expect((await measure(measurer, `exit-once ${join(folder, randomUUID())} ${file}`)).width).toBe(320);
  const refused = await rejection(measure(measurer, 'exit'));
  expect(refused.code).toBe('decoder_crashed');
  expect(refused.message).toContain('exit 0');
});

test('frees the slot of a process that hangs at start, after a timeout or when the signal aborts', async () => {
  const hanging = join(scripts, 'hanging.mjs');
  await writeFile(hanging, 'setInterval(() => {}, 1_000);');
  const measurer = start({ entry: pathToFileURL(hanging), startTimeoutMs: 500 });
  const outcomes = await Promise.allSettled([measure(measurer, 'a'), measure(measurer, 'b')]);
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({
      reason: { message: expect.stringContaining('does not start (not within 0.5 s)') },
    });
  await eventually(async () => running().length === 0 || undefined);

  const stop = new AbortController();
  const reason = new Error('shutting down');
  const patient = start({ entry: pathToFileURL(hanging) });
  const waiting = measure(patient, 'a', stop.signal);
  await eventually(async () => running().length === 1 || undefined);
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

test('ends an endless loop after its time limit without delaying other pictures', async () => {
  const measurer = start({ slots: 2, startTimeoutMs: 60_000, timeoutMs: 8_000 });
  const hung = rejection(measure(measurer, 'hang'));
  const others = await Promise.all(
    [picture(), picture(), picture()].map(async (bytes) => measure(measurer, await bytes)),
  );
  expect(others.map(({ width }) => width)).toEqual([320, 320, 320]);
  const refused = await hung;
  expect(refused.code).toBe('decode_timeout');
  expect(refused.message).toContain('more than 8 s');
  expect((await measure(measurer, await picture())).width).toBe(320);
});

test('limits memory even while the child does not respond', async () => {
  const measurer = start({ maxRssMb: 300 });
  const refused = await rejection(measure(measurer, 'exhaust-memory'));
  expect(refused.code).toBe('decoder_crashed');
  expect(refused.message).toContain('more than 300 MB of memory');
  expect((await measure(measurer, await picture())).width).toBe(320);
});

test('does not reject a picture if the process fails to start', async () => {
  const measurer = start();
  await expect(measurer.measure({ ...request, file: join(folder, 'missing') }, never)).rejects.toThrow('ENOENT');
  const broken = start({ entry: pathToFileURL(join(folder, 'missing.mjs')) });
  await expect(measure(broken, await picture())).rejects.toThrow('does not start (exit 1)');
});

test('ends the process of a hanging picture when the signal aborts', async () => {
  const measurer = start();
  const pidFile = join(folder, randomUUID());
  const stop = new AbortController();
  const hung = measure(measurer, `pid ${pidFile}`, stop.signal);
  const pid = await eventualPid(pidFile);
  const reason = new Error('shutting down');
  stop.abort(reason);
  await expect(hung).rejects.toBe(reason);
  await gone(pid);
  await expect(measure(measurer, await picture(), stop.signal)).rejects.toBe(reason);
});

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 30_000; ; await sleep(20)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`timed out: ${look}`);
  }
}

const eventualPid = (file: string) =>
  eventually(async () => Number(await readFile(file, 'utf8').catch(() => '')) || undefined);

test('ends its processes on close, and also hanging ones when the parent is killed', async () => {
  const pidFile = join(folder, randomUUID());
  const measurer = start();
  const lost = measure(measurer, `pid ${pidFile}`).catch((error: unknown) => error);
  const pid = await eventualPid(pidFile);
  await measurer.close();
  await gone(pid);
  expect(await lost).toBeInstanceOf(Error);

  const orphanPidFile = join(folder, randomUUID());
  const other = fork(parent, [misbehaving.href, await fileOf(`pid ${orphanPidFile}`)], { execArgv: [] });
  children.push(other);
  const orphan = await eventualPid(orphanPidFile);
  other.kill('SIGKILL');
  await once(other, 'exit');
  await gone(orphan);
});

test.each(['close', 'kill the process', 'kill the parent'] as const)(
  'a program that a measuring process started, such as ffmpeg, ends with it: %s',
  async (how) => {
    const pidFile = join(folder, randomUUID());
    const what = `start-program ${pidFile}`;
    const measurer = how === 'kill the parent' ? undefined : start();
    const lost = measurer && measure(measurer, what).catch((error: unknown) => error);
    const other = measurer ? undefined : fork(parent, [misbehaving.href, await fileOf(what)], { execArgv: [] });
    if (other) children.push(other);
    const [own = 0, program = 0] = await eventually(async () => {
      const pids = (await readFile(pidFile, 'utf8').catch(() => '')).split(' ').map(Number);
      return pids.length === 2 ? pids : undefined;
    });
    expect(isAlive(program)).toBe(true);
    if (how === 'kill the process') process.kill(own, 'SIGKILL');
    other?.kill('SIGKILL');
    // The killed process is replaced, and the picture starts a program again.
    if (how === 'kill the process') await gone(program);
    await measurer?.close();
    await gone(own);
    await gone(program);
    await lost;
  },
);
