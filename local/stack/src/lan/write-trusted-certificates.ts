import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeText } from '../data-folder.ts';
import { readCertificates } from './read-certificates.ts';

/**
 * Writes a file with this authority and the certificates that the environment already names.
 * @returns the environment variable that makes a process trust them
 * @throws StackError if a file cannot be read
 */
export async function writeTrustedCertificates(
  authorityFile: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const others = env.NODE_EXTRA_CA_CERTS ? await readCertificates(env.NODE_EXTRA_CA_CERTS) : '';
  const file = join(dirname(authorityFile), 'trusted.pem');
  await writeText(file, `${await readFile(authorityFile, 'utf8')}${others}`, 0o644);
  return { NODE_EXTRA_CA_CERTS: file };
}
