import { printError } from '../terminal/print.ts';
import { table } from '../terminal/table.ts';
import type { WatchView } from './run-watch.ts';

/** The output of `--watch` on stderr: a table that is redrawn on a terminal; elsewhere a line for each change. */
export function liveTable(): (view: WatchView) => void {
  let drawn = 0;
  const printed = new Map<string, string>();
  return (view) => {
    if (process.stderr.isTTY) {
      const text = screen(view);
      process.stderr.write(drawn === 0 ? '' : `\x1b[${drawn}A\x1b[J`);
      printError(text);
      drawn = text.split('\n').length;
      return;
    }
    if (printed.size === 0) printError(`Watching for session ${view.session_id}: ${slotsLeft(view)}`);
    printed.set('', '');
    for (const { file, slot, state } of view.rows) {
      // Percentages make sense on a terminal only.
      const words = state.startsWith('sending') ? 'sending' : state;
      if (printed.get(file) !== words) printError(`${file} ${slot} ${words}`);
      printed.set(file, words);
    }
  };
}

function screen(view: WatchView): string {
  const rows = view.rows.map(({ file, slot, state }) => [file, slot, state]);
  const lines = rows.length === 0 ? [] : [table([['file', 'slot', 'status'], ...rows]), ''];
  return [...lines, slotsLeft(view), 'u: undo the last photo   d: done   Ctrl-C: stop, and continue later'].join('\n');
}

function slotsLeft({ open, total }: WatchView): string {
  return open === 0 ? `All ${total} slots have a photo.` : `${total - open} of ${total} slots have a photo.`;
}
