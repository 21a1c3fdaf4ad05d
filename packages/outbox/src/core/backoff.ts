/** Exponential backoff with jitter, in milliseconds. The jitter keeps devices from retrying in step. */
export function backoff(failures: number, random: number, { first = 1_000, max = 300_000 } = {}): number {
  const ceiling = Math.min(max, first * 2 ** Math.min(30, failures - 1));
  return ceiling / 2 + (random * ceiling) / 2;
}
