import { expect, it } from 'vitest';
import { codeOutcome } from './code-outcome.ts';

it('the outcome of a code is its state on the server, or expired once its time is over', () => {
  const states = ['used', 'revoked', 'exhausted', 'expired', 'open', undefined] as const;
  const outcomes = (left: number) => states.map((state) => codeOutcome(state, left));
  expect(outcomes(1)).toEqual(['used', 'revoked', 'exhausted', 'expired', 'open', 'open']);
  expect(outcomes(0)).toEqual(['used', 'revoked', 'exhausted', 'expired', 'expired', 'expired']);
});
