import { readFile } from 'node:fs/promises';
import { StackError } from '../stack-error.ts';

/**
 * The certificates of a PEM file; empty if it does not exist.
 * @throws StackError if it cannot be read: without the certificates, a process would refuse servers that it should trust,
 * and not say why
 */
export async function readCertificates(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    const reason = error instanceof Error ? error.message : String(error);
    throw new StackError(
      `The certificates in ${file} cannot be read (${reason}). Give this user permission to read the file. If NODE_EXTRA_CA_CERTS names it, you can also correct or unset that variable.`,
      { cause: error },
    );
  }
}
