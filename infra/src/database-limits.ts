/** Memory in GiB by the size of an instance class, for the families of the environment files (db.t4g, m, r). */
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

/** What RDS sets `max_connections` to: the memory in bytes by 9,531,392, 5,000 at most. Some are its own. */
export function connectionsOf(instanceClass: string): number {
  const [family = '', size = ''] = instanceClass.split('.');
  const memory = (gib[size] ?? 0) * (family.startsWith('r') ? 2 : 1) * 1024 ** 3;
  return Math.min(5_000, Math.floor(memory / 9_531_392));
}
