// The worker like in production, with S3 and rows: its CPU time and that of its measuring processes.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf } from './cpu-of.mjs';

const framesPerSpin = 24;

/** @returns CPU ms per photo, of the worker itself and of its measuring processes */
export async function measureWholeJob({ store, worker }, files, rounds) {
  const parts = fork(store, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ environment }] = await once(parts, 'message');
  const ask = async (question) => {
    parts.send(question);
    const [{ value, error }] = await once(parts, 'message');
    if (error !== undefined) throw new Error(error);
    return value;
  };
  const running = spawn(process.execPath, [worker], {
    env: { ...environment, LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let sent = 0;
  const processAll = async (rounds) => {
    const spin = files.slice(0, framesPerSpin);
    for (let round = 0; round < rounds; round++) await ask({ files: spin });
    sent += rounds * spin.length;
    while ((await ask('done')) < sent) {
      if (running.exitCode !== null) throw new Error(`The worker ended (${running.exitCode}).`);
      await sleep(20);
    }
    return rounds * spin.length;
  };
  try {
    // After a few dozen photos its code is well compiled.
    await processAll(rounds);
    const before = cpuOf(running.pid);
    const processed = await processAll(rounds);
    const after = cpuOf(running.pid);
    return {
      own: (after.own - before.own) / processed,
      children: (after.children - before.children) / processed,
    };
  } finally {
    if (running.kill('SIGTERM')) await once(running, 'exit');
    parts.disconnect();
    await once(parts, 'exit');
  }
}
