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
  if (at < 0) return undefined;
  const text = process.argv[at + 1];
  if (text === undefined) throw new Error(`--${name} needs a value`);
  return text;
}

/** The text after `--name`, which must be one of the values. */
export function choiceOption<Value extends string>(name: string, values: readonly Value[], fallback: Value): Value {
  const given = textOption(name) ?? fallback;
  const found = values.find((value) => value === given);
  if (found === undefined) throw new Error(`--${name} is one of ${values.join(', ')}, not ${given}`);
  return found;
}

/** `--name value` as a positive number. */
export function numberOption(name: string, fallback: number): number {
  const given = textOption(name);
  if (given === undefined) return fallback;
  const value = Number(given);
  if (!(value > 0)) throw new Error(`--${name} must be a number greater than 0`);
  return value;
}
