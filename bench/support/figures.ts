export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Prints a table. The first column is aligned left, figures are aligned right. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(`  ${cells.join('  ')}`);
  }
}

/** Compares a figure with its target and prints the result. If the target is missed, the process exits with 1. */
export function checkTarget(what: string, value: number, bound: { atLeast: number } | { atMost: number }): void {
  const met = 'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost;
  const wanted = 'atLeast' in bound ? `at least ${bound.atLeast}` : `at most ${bound.atMost}`;
  console.log(`  ${met ? 'met   ' : 'MISSED'}  ${what}: ${value.toFixed(2)} (${wanted})`);
  if (!met) process.exitCode = 1;
}

/** The text after `--name`. */
export function textOption(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

/** `--name value` as a positive number. */
export function numberOption(name: string, fallback: number): number {
  const given = textOption(name);
  if (given === undefined) return fallback;
  const value = Number(given);
  if (!(value > 0)) throw new Error(`--${name} must be a number greater than 0`);
  return value;
}
