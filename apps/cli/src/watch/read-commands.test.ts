import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { readCommands } from './read-commands.ts';

test('commands are read from lines, and other lines are ignored', async () => {
  const input = new PassThrough();
  const commands = readCommands(input, new AbortController().signal);
  input.write('u\nhelp\n Done \n');
  expect([(await commands.next()).value, (await commands.next()).value]).toEqual(['undo', 'done']);
  await commands.return(undefined);
});

test('an abort ends the reading, pauses the input, and removes the signal handlers', async () => {
  const input = new PassThrough();
  const before = process.listenerCount('SIGINT');
  const controller = new AbortController();
  const next = readCommands(input, controller.signal).next();
  expect(process.listenerCount('SIGINT')).toBe(before + 1);
  controller.abort();
  expect((await next).done).toBe(true);
  expect([process.listenerCount('SIGINT'), input.isPaused()]).toEqual([before, true]);
});
