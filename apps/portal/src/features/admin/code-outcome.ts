import type { Code } from './api/queries.ts';

/**
 * What has become of a new code.
 * @param state the state on the server; undefined until it is loaded
 * @param left milliseconds until it expires
 */
export function codeOutcome(state: Code['state'] | undefined, left: number): Code['state'] {
  if (state !== undefined && state !== 'open') return state;
  return left > 0 ? 'open' : 'expired';
}
