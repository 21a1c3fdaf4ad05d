let latest = '';

/** The list of sessions is shown with these filters: the way back leads to it as it was. */
export function noteListSearch(search: string): void {
  latest = search;
}

/** Where "all sessions" leads, with `listReturn` as the state of the link: to the list, and the place in it, last seen. */
export function listAddress(): string {
  return `/sessions${latest}`;
}

export const listReturn = { returns: true } as const;

/** True where somebody comes back to a page rather than opens it. */
export function isReturn(state: unknown): boolean {
  return typeof state === 'object' && state !== null && 'returns' in state;
}
