/** Exponential backoff with jitter, in milliseconds. The jitter keeps devices from retrying in step. */
export function backoff(failures: number, random: number, { first = 1_000, longest = 300_000 } = {}): number {
  const most = Math.min(longest, first * 2 ** Math.min(30, failures - 1));
  return most / 2 + (random * most) / 2;
}
