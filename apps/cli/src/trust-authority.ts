import { globalAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import { readCertificates } from '@spinbay/local-stack';
import { Agent, setGlobalDispatcher } from 'undici';

/**
 * Makes `fetch` and `https.request` of this process trust the authority of an installation with its own HTTPS address.
 * Node.js reads NODE_EXTRA_CA_CERTS only when it starts, and the authority may have been created later.
 * @throws StackError if a file of certificates cannot be read
 */
export async function trustAuthority(file: string): Promise<void> {
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  const files = [file, ...(extra === undefined || extra === '' ? [] : [extra])];
  const own = await Promise.all(files.map((path) => readCertificates(path)));
  const ca = [...rootCertificates, ...own.filter((text) => text !== '')];
  setGlobalDispatcher(new Agent({ connect: { ca } }));
  globalAgent.options.ca = ca;
}
