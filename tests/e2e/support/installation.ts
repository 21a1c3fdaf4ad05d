import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoints } from '@spinbay/local-stack';
import { freePorts } from '@spinbay/runtime/testing';

// Not derived from the path of this file, because bundles contain this file, too.
const root = process.cwd();

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A place to run Spinbay: a separate data folder and separate ports. */
export interface Place {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  remove(): Promise<void>;
}

export interface Installation {
  /**
   * Addresses and demo sign-ins. `objects` is null only if a test sets up Amazon S3, `demo` only if there is no demo
   * organization.
   */
  readonly endpoints: Endpoints & { readonly objects: string; readonly demo: NonNullable<Endpoints['demo']> };
  readonly process: ChildProcess;
  /** Its output so far. */
  output(): string;
  /** Stops it like Ctrl-C, and waits. */
  stop(): Promise<void>;
}

const portSettings = [
  'SPINBAY_API_PORT',
  'SPINBAY_PORTAL_PORT',
  'SPINBAY_CAPTURE_PORT',
  'SPINBAY_CLOUD_PORT',
  'SPINBAY_OIDC_PORT',
  'SPINBAY_PG_PORT',
  'SPINBAY_LAN_PORT',
];

export async function makePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'spinbay-e2e-'));
  // When run as root, the database uses another user, who needs access to its folder.
  await chmod(folder, 0o711);
  const ports = await freePorts(portSettings.length);
  const dataDir = join(folder, 'data');
  const env = {
    ...process.env,
    ...Object.fromEntries(portSettings.map((setting, i) => [setting, String(ports[i])])),
    SPINBAY_DATA_DIR: dataDir,
    XDG_STATE_HOME: join(folder, 'state'),
  };
  return { dataDir, env, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Starts Spinbay like `npm start` and waits until it says that it is running. */
export async function start(place: Place, args: string[] = ['--no-sample']): Promise<Installation> {
  const child = launch(place, args);
  const file = join(place.dataDir, 'endpoints.json');
  const deadline = Date.now() + 600_000;
  while (!(existsSync(file) && child.printed().includes('Ctrl-C'))) {
    if (hasEnded(child.process) || Date.now() > deadline) throw new Error(`it did not start:\n${child.printed()}`);
    await sleep(50);
  }
  return {
    endpoints: JSON.parse(readFileSync(file, 'utf8')) as Installation['endpoints'],
    process: child.process,
    output: child.printed,
    stop: async () => {
      if (hasEnded(child.process)) return;
      child.process.kill('SIGTERM');
      await once(child.process, 'exit');
    },
  };
}

/** A process that a signal has ended has no exit code. */
export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Starts Spinbay without waiting. */
export function launch(place: Place, args: string[]) {
  const child = spawn(process.execPath, ['scripts/start.mjs', ...args], {
    cwd: root,
    env: place.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return { process: child, printed: () => text };
}

/** Runs `npx spinbay ...` to its end. */
export function spinbay(place: Place, ...args: string[]): Promise<Run> {
  return beginSpinbay(place, ...args).done;
}

/** Runs `npx spinbay ...`. `until` waits for a text on stderr, which has its progress. `type` sends input. */
export function beginSpinbay(place: Place, ...args: string[]) {
  const child = spawn(process.execPath, ['apps/cli/bin/spinbay.mjs', ...args], {
    cwd: root,
    env: place.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      out[name] += chunk;
    });
  }
  const done = once(child, 'close').then(([status]): Run => ({ status: status as number | null, ...out }));
  const until = async (text: string) => {
    while (!out.stderr.includes(text)) {
      if (hasEnded(child)) throw new Error(`it ended without "${text}": ${out.stderr}`);
      await sleep(10);
    }
  };
  return {
    done,
    until,
    printed: () => out.stderr,
    type: (text: string) => void child.stdin.write(text),
    kill: () => child.kill('SIGKILL'),
  };
}

/** Ids and command lines of all processes that were started for a place, regardless of their current parent. */
export async function processesOf(place: Place): Promise<{ pid: number; command: string }[]> {
  const { readdir, readFile } = await import('node:fs/promises');
  const found: { pid: number; command: string }[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const command = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim();
    const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
    // Each process gets only the settings that it needs, but all of them have the ports of the place.
    const ours = [place.dataDir, ...portsOf(place).map((port) => `127.0.0.1:${port}`)].some(
      (mark) => environment.includes(mark) || command.includes(mark),
    );
    if (ours && Number(entry) !== process.pid) found.push({ pid: Number(entry), command });
  }
  return found;
}

function portsOf({ env }: Place): (string | undefined)[] {
  return portSettings.map((setting) => env[setting]);
}
