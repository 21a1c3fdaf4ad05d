import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StackError } from '../stack-error.ts';
import { writeTrustedCertificates } from './write-trusted-certificates.ts';

let folder: string;
let authority: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-trusted-'));
  authority = join(folder, 'authority.pem');
  await writeFile(authority, 'authority\n');
});
afterEach(() => rm(folder, { recursive: true }));

const trusted = async (env: Record<string, string>) => {
  const { NODE_EXTRA_CA_CERTS: file = '' } = await writeTrustedCertificates(authority, env);
  return readFile(file, 'utf8');
};

test('processes trust the authority and the certificates of the environment', async () => {
  const file = join(folder, 'company.pem');
  await writeFile(file, 'company\n');
  expect(await trusted({ NODE_EXTRA_CA_CERTS: file })).toBe('authority\ncompany\n');
});

test('without a file of the environment they trust the authority alone', async () => {
  expect(await trusted({})).toBe('authority\n');
  expect(await trusted({ NODE_EXTRA_CA_CERTS: join(folder, 'missing.pem') })).toBe('authority\n');
});

test('a file of the environment that cannot be read is an error that names it and says what to do', async () => {
  const error = await trusted({ NODE_EXTRA_CA_CERTS: folder }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StackError);
  expect(String(error)).toContain(folder);
  expect(String(error)).toMatch(/Give this user permission.*NODE_EXTRA_CA_CERTS/);
});
