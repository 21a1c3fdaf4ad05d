let latest = '';

/** Called with the filters of the list of sessions, for links back to it. */
export function rememberListSearch(search: string): void {
  latest = search;
}

/** The target of "all sessions", with `listReturn` as the state of the link: the last list at its scroll position. */
export function listAddress(): string {
  return `/sessions${latest}`;
}

export const listReturn = { returns: true } as const;

/** Whether somebody returns to a page instead of opening it. */
export function isReturn(state: unknown): boolean {
  return typeof state === 'object' && state !== null && 'returns' in state;
}
