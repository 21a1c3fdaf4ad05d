/** Memory in GiB of each instance size, for the families t4g and m. The family r has twice as much. */
const gib: Readonly<Record<string, number>> = {
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  '2xlarge': 32,
  '4xlarge': 64,
  '8xlarge': 128,
};

/** The `max_connections` of RDS: memory in bytes / 9,531,392, at most 5,000. RDS reserves a few for itself. */
export function connectionsOf(instanceClass: string): number {
  const [family = '', size = ''] = instanceClass.split('.');
  const memory = (gib[size] ?? 0) * (family.startsWith('r') ? 2 : 1) * 1024 ** 3;
  return Math.min(5_000, Math.floor(memory / 9_531_392));
}
