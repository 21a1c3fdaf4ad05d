import { readFile, writeFile } from 'node:fs/promises';

const [begin, end] = ['<!-- figures of bench promise -->', '<!-- end of these figures -->'];

/** A line of the table in docs/performance.md. Its first two cells identify it, so that a later run replaces it. */
export type DocsRow = readonly [link: string, door: string, ...figures: string[]];

export async function writeDocs(head: readonly string[], rows: readonly DocsRow[]): Promise<void> {
  const file = 'docs/performance.md';
  const text = await readFile(file, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for these figures: ${begin}`);
  const known = new Map(
    text
      .slice(from, to)
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2)
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .map((cells) => [nameOf(cells), cells]),
  );
  for (const row of rows) known.set(nameOf(row), [...row]);
  const lines = [head, head.map(() => '---'), ...known.values()].map((cells) => `| ${cells.join(' | ')} |`);
  await writeFile(file, `${text.slice(0, from)}${begin}\n${lines.join('\n')}\n${text.slice(to)}`);
}

function nameOf(cells: readonly string[]): string {
  return cells.slice(0, 2).join(' ');
}
