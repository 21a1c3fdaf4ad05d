import { markdownTable, readSection, writeSection } from '../support/docs-section.ts';

/** A line of the table in docs/performance.md. The first two cells name it: a later run replaces it. */
export type DocsRow = readonly [link: string, door: string, ...figures: string[]];

export async function writeDocs(head: readonly string[], rows: readonly DocsRow[]): Promise<void> {
  const lines = (await readSection('promise')).split('\n').filter((line) => line.startsWith('|'));
  const known = new Map(
    lines
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
  await writeSection('promise', markdownTable([head, ...known.values()]));
}

function nameOf(cells: readonly string[]): string {
  return cells.slice(0, 2).join(' ');
}
