import { createInterface } from 'node:readline';

type Command = 'undo' | 'done' | 'stop';

const commands: Readonly<Record<string, Command>> = { u: 'undo', undo: 'undo', d: 'done', done: 'done' };

/**
 * Reads one command per line until the signal aborts. Ctrl-C and SIGTERM are "stop". The end of the input is ignored:
 * watching continues.
 */
export async function* readCommands(input: NodeJS.ReadableStream, signal: AbortSignal): AsyncGenerator<Command> {
  const waiting: Command[] = [];
  let wake: () => void = () => undefined;
  const add = (command: Command) => {
    waiting.push(command);
    wake();
  };
  const stop = () => add('stop');
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const lines = createInterface({ input });
  lines.on('line', (line) => {
    const command = commands[line.trim().toLowerCase()];
    if (command !== undefined) add(command);
  });
  try {
    while (!signal.aborted) {
      const command = waiting.shift();
      if (command !== undefined) yield command;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    lines.close();
  }
}
