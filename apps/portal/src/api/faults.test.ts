import { ConnectionError, UnreadableReply } from '@spinbay/client';
import { expect, it } from 'vitest';
import { faultWords, isRetryable } from './faults.ts';

it('an unreadable reply is not requested again, and the message says to reload the page', () => {
  const error = new UnreadableReply('GET /sites, status 200', 'https://api.test');
  expect(isRetryable(error)).toBe(false);
  expect(faultWords(error).body).toMatch(/Reload the page/);
  expect(isRetryable(new ConnectionError('no answer'))).toBe(true);
});
