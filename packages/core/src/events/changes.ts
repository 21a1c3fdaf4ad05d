/** The differences in the form of the audit log, `{ role: { from, to } }`; null if there are none. Compares values as JSON. */
export function changesOf<T extends object>(
  before: T,
  after: T,
): Partial<Record<keyof T, { from: unknown; to: unknown }>> | null {
  const changed = (Object.keys(after) as (keyof T)[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  if (changed.length === 0) return null;
  const entries = changed.map((key) => [key, { from: before[key], to: after[key] }]);
  return Object.fromEntries(entries) as Partial<Record<keyof T, { from: unknown; to: unknown }>>;
}
