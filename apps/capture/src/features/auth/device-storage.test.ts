import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { DeviceAuth } from './device-auth.ts';

test('an enrolment that the device cannot store fails with its fault, and nothing is sent', async () => {
  const auth = await DeviceAuth.open({
    platform: {
      name: 'web',
      model: 'Full phone',
      secrets: {
        get: async () => undefined,
        set: async () => {
          throw new DOMException('The quota is exceeded.', 'QuotaExceededError');
        },
      },
      exclusive: (_, work) => work(),
      randomId: randomUUID,
      randomSecret: () => 'secret',
    },
    // A request would fail with a network error, which is another fault.
    api: 'http://127.0.0.1:1',
    orgId: randomUUID(),
    appVersion: '1.0.0',
  });
  expect(await auth.enrol({ code: 'K7QF-3M9X-TR2W' })).toBe('not_stored');
  expect(auth.state()).toEqual({ status: 'none' });
});
