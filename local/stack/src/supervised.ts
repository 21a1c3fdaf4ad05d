import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StackError } from './stack-error.ts';

export interface Command {
  readonly name: string;
  /** The bundle to run. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  /** Told when the process ended by itself and is started again. */
  readonly onRestart: (event: { name: string; why: string }) => void;
}

export interface Supervised {
  /** Drains and ends the process; kills it when it takes longer than its own grace time. */
  stop(): Promise<void>;
}

const readyWithinMs = 30_000;
const stopWithinMs = 35_000;

/** Starts a process, waits until it says that it is ready, and starts it again whenever it ends unasked. */
export async function supervise(command: Command): Promise<Supervised> {
  let stopping = false;
  let child = await start(command);
  const watch = async () => {
    for (let failures = 0; !stopping; ) {
      const began = Date.now();
      const why = await ended(child);
      if (stopping) return;
      command.onRestart({ name: command.name, why });
      failures = Date.now() - began > 60_000 ? 0 : failures + 1;
      await sleep(Math.min(10_000, 100 * 2 ** failures));
      if (stopping) return;
      child = await start(command).catch(() => child);
    }
  };
  const watching = watch();
  return {
    stop: async () => {
      stopping = true;
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        const force = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
        await ended(child);
        clearTimeout(force);
      }
      await watching;
    },
  };
}

async function start({ name, file, env, logFile }: Command): Promise<ChildProcess> {
  const log = openSync(logFile, 'a', 0o600);
  // A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which then stops the parts in the right order.
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', log, log, 'ipc'], detached: true });
  closeSync(log);
  const ready = once(child, 'message').then(() => 'ready' as const);
  const failed = ended(child).then((why) => new Error(why));
  const late = new AbortController();
  const timeout = sleep(readyWithinMs, new Error(`not ready within ${readyWithinMs / 1000} s`), {
    signal: late.signal,
  }).catch(() => new Error('aborted'));
  const outcome = await Promise.race([ready, failed, timeout]);
  late.abort();
  if (outcome === 'ready') return child;
  child.kill('SIGKILL');
  throw new StackError(`The ${name} did not start (${outcome.message}): ${lastWords(logFile)}\nIts log is ${logFile}.`);
}

async function ended(child: ChildProcess): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.signalCode ?? `exit status ${child.exitCode}`;
}

/** The message of a log's last line, which says why a process ended. */
function lastWords(logFile: string): string {
  const line = readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  try {
    const entry = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return entry.msg ?? entry.err?.message ?? line;
  } catch {
    return line.slice(0, 500);
  }
}
