import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeText } from '../data-folder.ts';

/**
 * Writes a file with this authority and the certificates that the environment already names.
 * @returns the environment variable that makes a process trust them
 */
export async function writeTrustedCertificates(
  authorityFile: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const others = env.NODE_EXTRA_CA_CERTS ? await readFile(env.NODE_EXTRA_CA_CERTS, 'utf8').catch(() => '') : '';
  const file = join(dirname(authorityFile), 'trusted.pem');
  await writeText(file, `${await readFile(authorityFile, 'utf8')}${others}`, 0o644);
  return { NODE_EXTRA_CA_CERTS: file };
}
