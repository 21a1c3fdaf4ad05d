import { markdownTable, readSection, writeSection } from '../support/docs-section.ts';

/** A line of the table in docs/performance.md. The first two cells name it: a later run replaces it. */
export type DocsRow = readonly [link: string, sender: string, ...figures: string[]];

const readmeHead = [
  'link',
  'from',
  'all 24 seen with quality badges, s after the last photo',
  'all full-size photos in place, s',
];

/** Updates the table in docs/performance.md, and the short one in README.md. */
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
  const all = [...known.values()];
  await writeSection('promise', markdownTable([head, ...all]));
  const short = ['link', 'sender', 'seen with QC', 'originals in place, s'].map((name) => head.indexOf(name));
  const pick = (cells: readonly string[]) => short.map((place) => cells[place] ?? '');
  await writeSection('promise', markdownTable([readmeHead, ...all.map(pick)]), 'README.md');
}

function nameOf(cells: readonly string[]): string {
  return cells.slice(0, 2).join(' ');
}
