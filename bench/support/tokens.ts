import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSigningKeys, createTokens, loadSigningKeys, type Tokens } from '@spinbay/tokens';
import { apiName } from './processes.ts';

/** A file of signing keys for the API, and tokens that they sign. */
export async function makeKeys(): Promise<{ file: string; tokens: Tokens; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'spinbay-bench-'));
  const file = join(folder, 'keys.json');
  await createSigningKeys(file);
  return {
    file,
    tokens: createTokens(await loadSigningKeys(file), apiName),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
