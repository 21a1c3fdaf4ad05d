// The worker as in production, with S3 and rows: its CPU time and that of its measuring processes.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf } from './cpu-of.mjs';

const framesPerSpin = 24;

/** @returns CPU ms per photo, of the worker itself and of its measuring processes */
export async function measureWholeJob({ store, worker }, files, rounds) {
  const parts = fork(store, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    const { environment } = await replyOf(parts);
    return await measureWorker(worker, environment, parts, files, rounds);
  } finally {
    if (!hasEnded(parts)) {
      parts.disconnect();
      await once(parts, 'exit');
    }
  }
}

const hasEnded = ({ exitCode, signalCode }) => exitCode !== null || signalCode !== null;

/** The next message of the store. @throws if it ends before */
async function replyOf(parts) {
  const gone = new AbortController();
  const ended = once(parts, 'exit', { signal: gone.signal }).then(([code, signal]) => {
    throw new Error(`The store ended (${signal ?? code}).`);
  });
  try {
    const [reply] = await Promise.race([once(parts, 'message', { signal: gone.signal }), ended]);
    return reply;
  } finally {
    ended.catch(() => undefined);
    gone.abort();
  }
}

async function measureWorker(worker, environment, parts, files, rounds) {
  const ask = async (question) => {
    const answer = replyOf(parts);
    parts.send(question);
    const { value, error } = await answer;
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
      if (hasEnded(running)) throw new Error(`The worker ended (${running.signalCode ?? running.exitCode}).`);
      await sleep(20);
    }
    return rounds * spin.length;
  };
  try {
    // Warms up: after a few dozen photos the code of the worker is well compiled.
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
  }
}
