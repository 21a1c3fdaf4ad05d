import { afterEach, expect, test, vi } from 'vitest';
import { loadConfig } from './load-config.web.ts';

afterEach(() => vi.unstubAllGlobals());

const failure = async (fetch: () => Promise<unknown>): Promise<Error> => {
  vi.stubGlobal('document', { baseURI: 'https://capture.example/' });
  vi.stubGlobal('fetch', fetch);
  return loadConfig().then(
    () => expect.fail('the configuration was loaded'),
    (error: Error) => error,
  );
};

test('a configuration that takes too long is no fault of the storage', async () => {
  const timeout = new DOMException('The operation timed out.', 'TimeoutError');
  const unanswered = await failure(() => Promise.reject(timeout));
  expect(unanswered).not.toBeInstanceOf(DOMException);
  expect(unanswered.message).toBe('config.json: The operation timed out.');
  const cutOff = await failure(async () => ({ ok: true, json: () => Promise.reject(timeout) }));
  expect(cutOff).not.toBeInstanceOf(DOMException);
});

test('a configuration that the server does not have names its status', async () => {
  expect((await failure(async () => ({ ok: false, status: 404 }))).message).toBe('config.json: status 404');
});
