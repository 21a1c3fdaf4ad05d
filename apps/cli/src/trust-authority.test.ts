import { tmpdir } from 'node:os';
import { UserError } from '@spinbay/contracts/user-error';
import { afterEach, expect, test, vi } from 'vitest';
import { trustAuthority } from './trust-authority.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('an authority that cannot be read is an error that names the file', async () => {
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '');
  const error = await trustAuthority(tmpdir()).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UserError);
  expect(String(error)).toContain(tmpdir());
});

test('so are certificates of the environment that cannot be read', async () => {
  vi.stubEnv('NODE_EXTRA_CA_CERTS', tmpdir());
  await expect(trustAuthority('/missing/authority.pem')).rejects.toThrow(tmpdir());
});
