import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { slotKey } from '@spinbay/contracts';
import { CommandError } from '../terminal/command-error.ts';
import { printable, printError } from '../terminal/print.ts';
import type { FolderChange } from './ingest-folder.ts';

export type Choice = 'keep' | 'reassign';

/**
 * Chooses what happens to a folder that has changed. Without a choice on the command line, reports the changes and asks on a
 * terminal.
 * @throws CommandError if there is no terminal, or if the answer is neither choice
 */
export function chooseFit(given: Choice | undefined, canAsk: boolean): (change: FolderChange) => Promise<Choice> {
  return async (change) => {
    if (given !== undefined) return given;
    const words = describeChange(change);
    if (!canAsk) throw new CommandError(`${words}\nNothing was sent. Run the same command with --keep or --reassign.`);
    printError(words);
    const answer = await ask('Type keep or reassign, or anything else to stop: ');
    if (answer === 'keep' || answer === 'reassign') return answer;
    throw new CommandError('Nothing was sent.');
  };
}

/**
 * @returns the answer in lower case; empty after Ctrl-C or at the end of the input. At the end of the input `question` never
 * settles, so the `close` event ends the wait
 */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(lines, 'close').then(() => '');
  try {
    return (await Promise.race([lines.question(question).catch(() => ''), closed])).trim().toLowerCase();
  } finally {
    lines.close();
  }
}

function describeChange({ sessionId, changes, kept }: FolderChange): string {
  const fresh = kept.map(({ file, slot }) =>
    slot === null ? `${printable(file)} is left out` : `${printable(file)} becomes ${slotKey(slot)}`,
  );
  return [
    `This folder has changed since it was uploaded as session ${sessionId}:`,
    ...changes.map(({ file, what }) => `  ${printable(file)} ${printable(what)}`),
    '',
    `  --keep      every uploaded photo keeps its slot${fresh.length > 0 ? `; ${fresh.join(', ')}` : ''}`,
    '  --reassign  upload all photos in their current order as a new session; the old session is abandoned, unless it has published frames',
  ].join('\n');
}
