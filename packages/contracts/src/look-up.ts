/**
 * What a table says of a value from a server. A later release may have values that this one does not know, hence the
 * fallback; `constructor` and the like are no entries.
 */
export function lookUp<T>(table: Readonly<Record<string, T>>, value: string, fallback: T): T {
  return Object.hasOwn(table, value) ? (table[value] as T) : fallback;
}
