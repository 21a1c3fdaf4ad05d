import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '@spinbay/runtime/testing';

interface Usage {
  /** User and system time of all threads since the start, in milliseconds. */
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** A measured server, in a separate process. */
export interface Measured {
  readonly url: string;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

interface ProcessOptions {
  readonly file: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a script and waits until it reports over IPC that it is ready. */
async function startProcess({ file, port, env }: ProcessOptions): Promise<Measured> {
  const child = spawn(process.execPath, ['--import', './bench/support/report-cpu.mjs', file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await reply(child, 'ready');
  return {
    url: `http://127.0.0.1:${port}`,
    usage: () => ask(child, 'usage') as Promise<Usage>,
    stop: () => stopProcess(child),
  };
}

/** Whether the process has exited, by itself or by a signal. */
export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Ends the process and waits for its end. Does nothing if it has ended before. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Sends the key, and waits for the message that has it. @throws Error if the process ends before */
export async function ask(child: ChildProcess, key: string): Promise<unknown> {
  if (hasEnded(child)) throw endedWhileWaiting(child, key);
  child.send(key);
  return reply(child, key);
}

function endedWhileWaiting({ spawnargs, exitCode, signalCode }: ChildProcess, key: string): Error {
  return new Error(`${spawnargs.at(-1)} ended (${signalCode ?? exitCode}) while waiting for "${key}"`);
}

/** The next message that has this key. */
function reply(child: ChildProcess, key: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: Record<string, unknown>) => {
      if (!(key in message)) return;
      done();
      resolve(message[key]);
    };
    const onExit = () => {
      done();
      reject(endedWhileWaiting(child, key));
    };
    const done = () => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}

/** The API as in production: its bundle, with a database. Signing needs no object store, and polling needs no queue. */
export async function startApi(options: {
  databaseUrl: string;
  signingKeys: string;
  poolSize: number;
}): Promise<Measured> {
  const port = await freePort();
  const nowhere = 'http://127.0.0.1:9';
  return startProcess({
    file: 'dist/api.mjs',
    port,
    env: {
      SPINBAY_API_PORT: String(port),
      SPINBAY_API_URL: apiName,
      SPINBAY_PORTAL_URL: 'http://127.0.0.1:4100',
      SPINBAY_SIGNING_KEYS: options.signingKeys,
      DATABASE_URL: options.databaseUrl,
      DATABASE_POOL_SIZE: String(options.poolSize),
      S3_ENDPOINT: nowhere,
      OIDC_ISSUER: nowhere,
      AWS_ACCESS_KEY_ID: 'AKIDBENCH',
      AWS_SECRET_ACCESS_KEY: 'a secret of the benchmark',
    },
  });
}

/** The issuer of the tokens that the API accepts. */
export const apiName = 'http://api.spinbay.test';

/** A Fastify server with the same SQL by hand, see `bench/peers/bare-api.ts`. */
export async function startBareApi(options: { databaseUrl: string; poolSize: number }): Promise<Measured> {
  const port = await freePort();
  return startProcess({
    file: join('node_modules/.cache/spinbay-bench/peers/bare-api.mjs'),
    port,
    env: { PORT: String(port), DATABASE_URL: options.databaseUrl, DATABASE_POOL_SIZE: String(options.poolSize) },
  });
}
