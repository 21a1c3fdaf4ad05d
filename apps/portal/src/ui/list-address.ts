let latest = '';

/** Called with the filters of the list of sessions, for links back to it. */
export function rememberListSearch(search: string): void {
  latest = search;
}

/**
 * The address of the list with its last filters, for the link "All sessions". With `listReturn` as its state, the link also
 * restores the scroll position.
 */
export function listAddress(): string {
  return `/sessions${latest}`;
}

export const listReturn = { returns: true } as const;

/** Whether somebody returns to a page instead of opening it. */
export function isReturn(state: unknown): boolean {
  return typeof state === 'object' && state !== null && 'returns' in state;
}
