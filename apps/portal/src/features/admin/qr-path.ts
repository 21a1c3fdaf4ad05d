/** Width of the quiet zone in modules. The standard requires 4. */
export const quietZone = 4;

/** The dark modules as one SVG path, one unit per module, row by row: `M x y h n v 1 h -n z` for each run. */
export function qrPath(modules: readonly (readonly boolean[])[]): string {
  const runs: string[] = [];
  for (const [y, row] of modules.entries()) {
    let x = 0;
    while (x < row.length) {
      const start = x;
      while (row[x]) x += 1;
      if (x > start) runs.push(`M${start + quietZone} ${y + quietZone}h${x - start}v1h-${x - start}z`);
      else x += 1;
    }
  }
  return runs.join('');
}
