import { spawn } from 'node:child_process';
import type { RunningServer } from './server.ts';

/**
 * Starts a shell that waits on a pipe from this process, because a killed test process cannot stop its database. When the
 * pipe closes, the shell stops the server and deletes the cluster. (Windows has no such shell, so the leftovers stay.)
 */
export function startWatchdog(server: RunningServer, cluster: string): { dismiss(): void } {
  if (process.platform === 'win32') return { dismiss: () => undefined };
  const script = 'read -r _ || { kill -QUIT "$1"; sleep 1; rm -rf -- "$2"; }';
  const watchdog = spawn('/bin/sh', ['-c', script, 'sh', String(server.pid), cluster], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  if ('unref' in watchdog.stdin && typeof watchdog.stdin.unref === 'function') watchdog.stdin.unref();
  watchdog.stdin.on('error', () => undefined);
  const dismiss = () => {
    // A line makes the shell exit without doing anything.
    if (watchdog.stdin.writable) watchdog.stdin.end('\n');
  };
  void server.exited.then(dismiss);
  return { dismiss };
}
