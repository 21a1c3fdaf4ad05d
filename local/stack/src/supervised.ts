import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KeptRunning, keepRunning } from './keep-running.ts';
import { StackError } from './stack-error.ts';

export interface Command {
  readonly name: string;
  /** The bundle to run. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  /** Called before each restart, after the process ended or did not start. */
  readonly onRestart: (event: { name: string; why: string }) => void;
}

const readyWithinMs = 30_000;
/** Longer than the grace period of every process. */
const stopWithinMs = 35_000;

/** Starts a process, waits until it reports that it is ready, and restarts it whenever it ends. */
export function supervise(command: Command): Promise<KeptRunning<ChildProcess>> {
  return keepRunning({
    start: () => start(command),
    ended,
    stop,
    onRestart: (why) => command.onRestart({ name: command.name, why }),
  });
}

async function start({ name, file, env, logFile }: Command): Promise<ChildProcess> {
  const log = openSync(logFile, 'a', 0o600);
  // A separate process group: Ctrl-C in the terminal reaches only the supervisor, which stops the processes in order.
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
  throw new StackError(
    `The ${name} did not start (${outcome.message}): ${lastLogMessage(logFile)}\nIts log is ${logFile}.`,
  );
}

/** Lets the process drain, and kills it if that takes too long. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await ended(child);
  clearTimeout(force);
}

async function ended(child: ChildProcess): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.signalCode ?? `exit status ${child.exitCode}`;
}

/** The message of the last log line, which tells why a process ended. */
function lastLogMessage(logFile: string): string {
  const line = readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  try {
    const entry = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return entry.msg ?? entry.err?.message ?? line;
  } catch {
    return line.slice(0, 500);
  }
}
