import { generateKeyPair, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const Keys = z.object({
  jwks: z.object({ keys: z.array(z.looseObject({ kty: z.literal('RSA'), d: z.string() })).min(1) }),
  cookie_keys: z.array(z.string().min(32)).min(1),
});
export type Keys = z.output<typeof Keys>;

/**
 * The keys that sign identity tokens and cookies, in `oidc-keys.json` in the data folder (mode 0600). They are created at
 * the first start and kept, so that tokens stay valid after a restart.
 * @throws Error if the file is damaged; it is not replaced
 */
export async function loadKeys(dataDir: string): Promise<Keys> {
  const file = join(dataDir, 'oidc-keys.json');
  return (await readKeys(file)) ?? (await makeKeys(dataDir, file));
}

async function readKeys(file: string): Promise<Keys | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return Keys.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(
      `${file} does not contain the keys of the local sign-in. Remove it; the next start creates new keys.`,
      { cause: error },
    );
  }
}

async function makeKeys(dataDir: string, file: string): Promise<Keys> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const keys = Keys.parse({
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookie_keys: [randomBytes(32).toString('base64url')],
  });
  await mkdir(dataDir, { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify(keys));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  return keys;
}
