import { expect, test } from 'vitest';
import { keepRunning } from './keep-running.ts';

interface Run {
  readonly number: number;
  end(why: string): void;
  readonly ended: Promise<string>;
}

/** Runs that end on request, and a gate that delays the next start. */
function fake() {
  const started: Run[] = [];
  const stopped: number[] = [];
  const restarts: string[] = [];
  let gate: Promise<void> = Promise.resolve();
  let failNext = 0;
  const arrivals: (() => void)[] = [];
  const part = {
    start: async (): Promise<Run> => {
      for (const arrived of arrivals.splice(0)) arrived();
      await gate;
      if (failNext > 0) {
        failNext -= 1;
        throw new Error('port taken');
      }
      let end: (why: string) => void = () => undefined;
      const ended = new Promise<string>((resolve) => {
        end = resolve;
      });
      const run = { number: started.length + 1, end, ended };
      started.push(run);
      return run;
    },
    ended: (run: Run) => run.ended,
    stop: async (run: Run) => {
      stopped.push(run.number);
      run.end('stopped');
    },
    onRestart: (why: string) => restarts.push(why),
  };
  return {
    part,
    started,
    stopped,
    restarts,
    nextStart: () => new Promise<void>((resolve) => arrivals.push(resolve)),
    hold: () => {
      let open: () => void = () => undefined;
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return open;
    },
    fail: (times: number) => {
      failNext = times;
    },
  };
}

test('a run that ends is restarted, and stop ends the current run', async () => {
  const { part, started, stopped, restarts, nextStart } = fake();
  const kept = await keepRunning(part);
  const again = nextStart();
  started[0]?.end('killed');
  await again;
  await kept.stop();
  expect(restarts).toEqual(['killed']);
  expect(stopped).toEqual([2]);
});

test('a stop during a restart waits for it and ends the new run', async () => {
  const { part, started, stopped, nextStart, hold } = fake();
  const kept = await keepRunning(part);
  const open = hold();
  const again = nextStart();
  started[0]?.end('killed');
  await again;
  const stopping = kept.stop();
  open();
  await stopping;
  expect(started).toHaveLength(2);
  expect(stopped).toEqual([2]);
});

test('after a stop during the backoff nothing is started', async () => {
  const { part, started, stopped } = fake();
  const kept = await keepRunning(part);
  started[0]?.end('killed');
  // The watcher has noticed the end and waits for the backoff.
  await started[0]?.ended;
  await kept.stop();
  expect(started).toHaveLength(1);
  expect(stopped.filter((number) => number > 1)).toEqual([]);
});

test('a failed restart is repeated, with the reason of each failure', async () => {
  const { part, started, restarts, nextStart, fail } = fake();
  const kept = await keepRunning(part);
  fail(2);
  started[0]?.end('killed');
  for (let k = 0; k < 3; k++) await nextStart();
  await kept.stop();
  expect(restarts).toEqual(['killed', 'port taken', 'port taken']);
  expect(started).toHaveLength(2);
});

test('a first start that fails is an error, not a restart', async () => {
  const { part, fail, restarts } = fake();
  fail(1);
  await expect(keepRunning(part)).rejects.toThrow('port taken');
  expect(restarts).toEqual([]);
});
