import { readFile, writeFile } from 'node:fs/promises';

const performance = 'docs/performance.md';

/** The lines of docs/performance.md that a benchmark writes, between two comments. */
export async function readSection(name: string): Promise<string> {
  const { text, from, to } = await find(performance, name);
  return text.slice(from, to);
}

export async function writeSection(name: string, lines: readonly string[], file = performance): Promise<void> {
  const { text, from, to } = await find(file, name);
  await writeFile(file, `${text.slice(0, from)}\n${lines.join('\n')}\n${text.slice(to)}`);
}

/** A table in Markdown. */
export function markdownTable(rows: readonly (readonly string[])[]): string[] {
  const [head = [], ...body] = rows;
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`);
}

async function find(file: string, name: string) {
  const [begin, end] = [`<!-- figures of bench ${name} -->`, `<!-- end of the figures of bench ${name} -->`];
  const text = await readFile(file, 'utf8');
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (!text.includes(begin) || to < from) throw new Error(`${file} has no place for these figures: ${begin}`);
  return { text, from, to };
}
