/**
 * Looks up a value from a server. A later release may send values that this one does not know, hence the fallback. Inherited
 * names such as `constructor` are not entries.
 */
export function lookUp<T>(table: Readonly<Record<string, T>>, value: string, fallback: T): T {
  return Object.hasOwn(table, value) ? (table[value] as T) : fallback;
}
