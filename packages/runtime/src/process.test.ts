import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// A logger writes to stdout and a service ends its process, so both are tested in child processes.
let folder: string;
let runtime: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-runtime-'));
  runtime = join(folder, 'runtime.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./index.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: runtime,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let scripts = 0;
async function script(body: string): Promise<string> {
  const file = join(folder, `script-${scripts++}.mjs`);
  const imports = `import { createLogger, exitWith, readSettings, runService } from './runtime.mjs';
    const log = createLogger({ name: 'test', level: 'info' });`;
  await writeFile(file, `${imports}\n${body}`);
  return file;
}

type Line = Record<string, unknown> & { msg?: string };

/** Collects the log of a process until it has ended. */
async function outcome(child: ChildProcess): Promise<{ code: number | null; lines: Line[]; stderr: string }> {
  // Not "close": it is not emitted for a child whose channel was closed by the parent.
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout ?? Readable.from([])),
    text(child.stderr ?? Readable.from([])),
    once(child, 'exit'),
  ]);
  const lines = stdout.split('\n').filter(Boolean);
  return { code, lines: lines.map((line) => JSON.parse(line)), stderr };
}
const run = async (body: string) =>
  outcome(spawn(process.execPath, [await script(body)], { stdio: ['ignore', 'pipe', 'pipe'] }));

/** Starts a service under a supervisor with an IPC channel, like the local installation, and waits until it is ready. */
async function startService(close: string, graceMs = 5_000) {
  const body = `await runService(log, async () => {
      setInterval(() => {}, 1000);
      return { close: async () => { ${close} } };
    }, ${graceMs});`;
  const child = fork(await script(body), { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const ended = outcome(child);
  const [message] = await once(child, 'message');
  expect(message).toEqual({ ready: true });
  return { child, ended };
}

test('logs JSON lines without secrets', async () => {
  const { lines } = await run(`
    log.info({ token: 'S3CRET', org_id: 'o-1', nested: { id_token: 'S3CRET', deeper: { password: 'S3CRET' } } }, 'one');
    log.info({ req: { headers: { authorization: 'Bearer S3CRET', cookie: 'S3CRET' }, url: '/x' } }, 'two');
    log.info({ body: { device_secret: 'S3CRET', new_secret: 'S3CRET', upload_url: 'https://S3CRET', secret: 'S3CRET' } }, 'three');
    log.error({ err: Object.assign(new Error('broken'), { token: 'S3CRET' }) }, 'four');
    log.debug('not at this level');`);
  expect(lines.map((line) => line.msg)).toEqual(['one', 'two', 'three', 'four']);
  expect(JSON.stringify(lines)).not.toContain('S3CRET');
  expect(lines[0]).toMatchObject({ name: 'test', org_id: 'o-1', token: '[redacted]' });
  expect(lines[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(lines[3]).toMatchObject({ err: { message: 'broken', stack: expect.stringContaining('Error: broken') } });
});

describe('a service', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('drains on %s and exits with 0', async (signal) => {
    const { child, ended } = await startService(`await new Promise((r) => setTimeout(r, 100)); log.info('drained');`);
    child.kill(signal);
    const { code, lines } = await ended;
    expect(code).toBe(0);
    expect(lines.map((line) => line.msg)).toEqual(['stopping', 'drained', 'stopped']);
  });

  test('drains only once on repeated signals', async () => {
    const { child, ended } = await startService(`log.info('drained'); await new Promise((r) => setTimeout(r, 200));`);
    child.kill('SIGINT');
    child.kill('SIGTERM');
    const { code, lines } = await ended;
    expect(code).toBe(0);
    expect(lines.filter((line) => line.msg === 'drained')).toHaveLength(1);
  });

  test('ends on SIGTERM during its start, without waiting for it', async () => {
    const body = `await runService(log, async () => { log.info('starting'); await new Promise((r) => setInterval(r, 1e9)); });`;
    const child = spawn(process.execPath, [await script(body)], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = outcome(child);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    const { code, lines } = await ended;
    expect(code).toBe(0);
    expect(lines.map((line) => line.msg)).toEqual(['starting', 'stopping', 'stopped']);
  });

  test('stops when its supervisor dies', async () => {
    const { child, ended } = await startService('');
    child.disconnect();
    const { code, lines } = await ended;
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({ why: 'the supervisor has ended' });
  });

  test('exits if the drain fails or takes too long', async () => {
    const slow = await startService('await new Promise(() => {});', 200);
    slow.child.kill('SIGTERM');
    const stuck = await slow.ended;
    expect(stuck.code).toBe(1);
    expect(stuck.lines.at(-1)).toMatchObject({ msg: 'the drain took too long', graceMs: 200 });

    const failing = await startService(`throw new Error('no');`);
    failing.child.kill('SIGTERM');
    const failed = await failing.ended;
    expect(failed.code).toBe(1);
    expect(failed.lines.at(-1)).toMatchObject({ msg: 'stopping failed', err: { message: 'no' } });
  });

  test('logs why it cannot start and exits', async () => {
    const { code, lines } = await run(`await runService(log, async () => { throw new Error('The port is taken.'); });`);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 60, msg: 'The port is taken.' });
  });

  test('exits if it cannot start, even if something keeps the event loop alive', async () => {
    const { code } = await run(`setInterval(() => {}, 1000);
      await runService(log, async () => { throw new Error('no'); });`);
    expect(code).toBe(1);
  });

  test('names missing settings without a stack trace', async () => {
    const { code, lines } = await run(`
      await runService(log, async () => { readSettings({ SPINBAY_API_PORT: 'x' }, ['SPINBAY_API_PORT', 'DATABASE_URL']); });`);
    expect(code).toBe(1);
    expect(lines[0]?.msg).toMatch(/SPINBAY_API_PORT is malformed[\s\S]*DATABASE_URL is not set/);
    expect(lines[0]).not.toHaveProperty('err');
  });
});
