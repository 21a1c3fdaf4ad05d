import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleProcess, environmentOf } from './test-bundles.ts';
import { detailedFrame, eventually, isEmpty, startTestStack, type TestSession, type TestStack } from './testing.ts';

/* The worker as the process that it is in production: started, stopped, killed. */

let stack: TestStack;
let folder: string;
let bundle: Awaited<ReturnType<typeof bundleProcess>>;
const children: ChildProcess[] = [];

beforeAll(async () => {
  stack = await startTestStack();
  bundle = await bundleProcess('main', 'main.ts');
});
beforeEach(async () => {
  await stack.purge();
  folder = await mkdtemp(join(tmpdir(), 'spinbay-main-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await bundle?.remove();
  await stack?.stop();
});

interface Line {
  readonly msg: string;
  readonly err?: { message: string };
}

/** A worker process with what it logs. */
function start(environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [bundle.script], {
    env: { ...environmentOf(stack, folder), ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  children.push(child);
  const { stdout } = child;
  if (stdout === null) throw new Error('a pipe was asked for');
  let output = '';
  stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = Promise.all([once(child, 'exit'), once(stdout, 'end')]).then(
    ([[code, signal]]) => (code ?? signal) as number | NodeJS.Signals,
  );
  const lines = () =>
    output
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  return {
    child,
    lines,
    /** What it tells its supervisor. */
    ready: () => Promise.race([once(child, 'message').then(([message]) => message), exited.then(() => output)]),
    exited,
  };
}

const done = async (session: TestSession) =>
  (await session.images()).filter((image) => image.status === 'processed').length;

/** Frames that are large enough to be met in the middle of their work. */
async function uploadSpin(session: TestSession, count: number): Promise<void> {
  for (let k = 0; k < count; k++) await session.upload(await detailedFrame(k, 1200, 900), `angle_${15 * k}`);
}

test('SIGTERM lets the frames in work end, gives nothing up and leaves nothing behind', async () => {
  const session = await stack.newSession();
  await uploadSpin(session, 6);
  const worker = start();
  expect(await worker.ready()).toEqual({ ready: true });
  await eventually(async () => (await done(session)) > 0);
  worker.child.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
  const messages = worker.lines().map((line) => line.msg);
  expect(messages.slice(0, 2)).toEqual(['photos measured at once', 'polling']);
  expect(messages.slice(messages.indexOf('stopping'))).toContain('stopped');
  expect(messages.at(-1)).toBe('stopped');
  // What was taken was finished, what was not waits: nothing is hidden.
  expect((await stack.queue.depth()).inFlight).toBe(0);
  expect(await readdir(folder)).toEqual([]);

  const next = start();
  await eventually(() => isEmpty(stack.queue));
  expect(await done(session)).toBe(6);
  // Six reserved, six completed: nothing happened twice.
  expect(await session.version()).toBe(12);
  next.child.kill('SIGINT');
  expect(await next.exited).toBe(0);
});

test('after kill -9 in the middle of work the next worker finishes everything, each frame once', async () => {
  const session = await stack.newSession();
  await uploadSpin(session, 8);
  const first = start();
  expect(await first.ready()).toEqual({ ready: true });
  await eventually(async () => (await done(session)) > 0);
  first.child.kill('SIGKILL');
  expect(await first.exited).toBe('SIGKILL');
  expect(await done(session)).toBeLessThan(8);
  const [leftover] = await readdir(folder);
  expect(leftover).toMatch(/^spinbay-worker-/);
  await mkdir(join(folder, 'of-somebody-else'));

  // The time of those that it had taken runs out.
  await stack.showHidden();
  const second = start();
  expect(await second.ready()).toEqual({ ready: true });
  expect(await readdir(folder)).not.toContain(leftover);
  await eventually(() => isEmpty(stack.queue));
  expect(await done(session)).toBe(8);
  expect(await session.version()).toBe(16);
  expect((await stack.deadLetters.depth()).visible).toBe(0);
  second.child.kill('SIGTERM');
  expect(await second.exited).toBe(0);
  expect(await readdir(folder)).toEqual(['of-somebody-else']);
});

test('a supervisor that is gone stops its worker', async () => {
  const worker = start();
  expect(await worker.ready()).toEqual({ ready: true });
  worker.child.disconnect();
  expect(await worker.exited).toBe(0);
});

test('what is wrong with the settings or the folder for temporary files is said, and the exit status is 1', async () => {
  const unset = start({ SQS_QUEUE_URL: '', QC_CLIP_FRACTION: 'much' });
  expect(await unset.exited).toBe(1);
  const logged = unset.lines().at(-1)?.msg;
  expect(logged).toContain('SQS_QUEUE_URL is not set');
  expect(logged).toContain('QC_CLIP_FRACTION is malformed');

  const homeless = start({ TMPDIR: join(folder, 'missing') });
  expect(await homeless.exited).toBe(1);
  expect(homeless.lines().at(-1)?.msg).toMatch(/temporary files, .*missing, cannot be written .* set TMPDIR/);
});
