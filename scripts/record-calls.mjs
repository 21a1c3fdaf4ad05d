// `node scripts/record-calls.mjs`: runs an installation with its sample spin on this machine, sends another photo slowly,
// erases the spin, and writes the S3 and SQS calls of the API, the worker and the eraser to infra/test/recorded-calls.json.
// The tests of infra/ check that the policies of the AWS roles allow each of them.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = join(root, 'infra/test/recorded-calls.json');
const dataDir = await mkdtemp(join(tmpdir(), 'spinbay-record-'));
const env = {
  SPINBAY_WORKER_PORT: '4600',
  ...process.env,
  SPINBAY_DATA_DIR: dataDir,
  // The device that `ingest` enrols.
  XDG_STATE_HOME: join(dataDir, 'state'),
  LOG_LEVEL: 'debug',
  // As on AWS, where the eraser has its own credentials.
  WORKER_DELETIONS: 'off',
  ERASE_UNDO_MINUTES: '0',
};

await prepare({ dev: true });
try {
  await runInstallation();
  const calls = await readCalls();
  await writeFile(file, `${JSON.stringify(calls, null, 2)}\n`);
  console.log(`${calls.length} different calls are in ${file}.`);
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

/** Starts the installation, makes the other calls after the sample spin, and stops it. */
async function runInstallation() {
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let isReady = false;
  let fault;
  child.stdout.on('data', (piece) => {
    process.stdout.write(piece);
    if (isReady || !String(piece).includes('Ctrl-C')) return;
    isReady = true;
    makeOtherCalls()
      .catch((error) => {
        fault = error;
      })
      .finally(() => child.kill('SIGTERM'));
  });
  const [code, signal] = await once(child, 'exit');
  if (fault !== undefined) throw fault;
  if (!isReady || code !== 0)
    throw new Error(`The installation exited (${signal ?? code}) ${isReady ? 'after' : 'before'} it was ready.`);
}

/**
 * Makes the calls that the sample spin does not: downloads of thumbnails and an original, the worker's metrics, a slow
 * measurement, and an erasure.
 */
async function makeOtherCalls() {
  const run = (...args) =>
    new Promise((resolve, reject) => {
      const command = spawn(process.execPath, ['apps/cli/bin/spinbay.mjs', ...args], { cwd: root, env });
      const chunks = [];
      command.stdout.on('data', (piece) => chunks.push(piece));
      command.on('exit', (status) =>
        status === 0
          ? resolve(Buffer.concat(chunks).toString().trim())
          : reject(new Error(`spinbay ${args[0]}: ${status}`)),
      );
    });
  const { api } = JSON.parse(await readFile(join(dataDir, 'endpoints.json'), 'utf8'));
  // The last line, in case something else was printed first.
  const token = (await run('token', '--user', 'reviewer@demo.test')).split('\n').at(-1);
  const get = async (path) => (await fetch(`${api}${path}`, { headers: { authorization: `Bearer ${token}` } })).json();
  const { items: sessions } = await get('/sessions');
  const { items: images } = await get(`/images?session_id=${sessions[0].id}`);
  for (const url of Object.values(images[0].thumb_urls)) await (await fetch(url)).arrayBuffer();
  const original = await get(`/images/${images[0].id}/original`);
  await (await fetch(original.url)).arrayBuffer();
  // The metrics need the depth of both queues.
  await (await fetch(`http://127.0.0.1:${env.SPINBAY_WORKER_PORT}/metrics`)).text();
  await measureSlowly(run);
  await run('erase', 'session', sessions[0].id, '--yes');
  while (!(await readLog('eraser')).includes('"erased"')) await sleep(1_000);
}

/** Sends a photo, with the measuring processes stopped until the worker extends the visibility timeout of its message. */
async function measureSlowly(run) {
  const folder = join(dataDir, 'slow');
  const others = Array.from({ length: 23 }, (_, k) => k + 2).join();
  await run('sample', folder, '--size', '800x600', '--missing', others);
  const { pid } = JSON.parse((await readLog('worker')).split('\n')[0]);
  const children = execFileSync('ps', ['-A', '-o', 'ppid=,pid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([parent, child]) => (parent === pid ? [child] : []));
  const signal = (name) => {
    for (const child of children) process.kill(child, name);
  };
  signal('SIGSTOP');
  const ingest = run('ingest', folder, '--stock', 'SLOW');
  try {
    const extended = async () => (await readLog('cloud')).includes('ChangeMessageVisibility');
    while (!(await extended())) await Promise.race([sleep(1_000), ingest]);
  } finally {
    signal('SIGCONT');
  }
  await ingest;
}

function readLog(name) {
  return readFile(join(dataDir, `logs/${name}.log`), 'utf8');
}

/** Lists each call once, with its role and resource, and without the ids of this run. */
async function readCalls() {
  const { accessKeys } = JSON.parse(await readFile(join(dataDir, 'secrets.json'), 'utf8'));
  const roles = Object.fromEntries(Object.entries(accessKeys).map(([role, { accessKeyId }]) => [accessKeyId, role]));
  const lines = (await readLog('cloud')).trim().split('\n');
  const calls = lines.flatMap((line) => {
    const { call } = JSON.parse(line);
    if (call === undefined || roles[call.by] === 'admin') return [];
    const on = call.queue ?? [call.bucket, call.key].filter((part) => part !== '').join('/');
    return [{ role: roles[call.by], action: call.action, on: on.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID') }];
  });
  const unique = new Map(calls.map((call) => [JSON.stringify(call), call]));
  return [...unique.keys()].sort().map((key) => unique.get(key));
}
