import { ConnectionError, UnreadableReply } from '@spinbay/client';
import { expect, it } from 'vitest';
import { faultWords, isPassing } from './faults.ts';

it('a reply that this page cannot read is not asked for again, and says that the page is to be loaded again', () => {
  const error = new UnreadableReply('GET /sites, status 200', 'https://api.test');
  expect(isPassing(error)).toBe(false);
  expect(faultWords(error).body).toMatch(/Load the page again/);
  expect(isPassing(new ConnectionError('no answer'))).toBe(true);
});
