import { expect, test } from 'vitest';
import { rejectOnAbort } from './reject-on-abort.ts';

test('rejects when the signal aborts, before or after the call', async () => {
  const controller = new AbortController();
  const later = rejectOnAbort(controller.signal);
  controller.abort();
  await expect(later).rejects.toThrow('stopped');
  await expect(rejectOnAbort(controller.signal)).rejects.toThrow('stopped');
});
