type Fields = Readonly<Record<string, string | readonly string[]>>;

/**
 * The fields of a form that differ from the values it was opened with. Only these are sent, because somebody else may have
 * changed the others in the meantime.
 */
export function changedFields<F extends Fields>(opened: F, typed: F): Partial<F> {
  const changed = Object.entries(typed).filter(([name, value]) => !isSame(value, opened[name]));
  return Object.fromEntries(changed) as Partial<F>;
}

/** Ids are compared as a set. */
function isSame(a: Fields[string], b: Fields[string] | undefined): boolean {
  if (typeof a === 'string' || typeof b === 'string' || b === undefined) return a === b;
  return a.length === b.length && a.every((id) => b.includes(id));
}
