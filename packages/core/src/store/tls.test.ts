import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { createStore } from './store.ts';

let database: TestDatabase;
let folder: string;
let authority: string;
beforeAll(async () => {
  database = await startTestDatabase({ durable: true });
  folder = await mkdtemp(join(tmpdir(), 'spinbay-tls-'));
  authority = join(folder, 'authority.pem');
  const name = [{ name: 'commonName', value: 'spinbay test' }];
  const subjectAltName = { name: 'subjectAltName' as const, altNames: [{ type: 7 as const, ip: '127.0.0.1' }] };
  const { private: key, cert } = await generate(name, { extensions: [subjectAltName] });
  await writeFile(authority, cert);
  // The server itself writes the files, so that its user owns them.
  for (const [file, text] of Object.entries({ 'server.key': key, 'server.crt': cert })) {
    const base64 = Buffer.from(text).toString('base64');
    await database.admin.query(`copy (select '${base64}') to program 'umask 077 && base64 -d > ${file}'`);
  }
  await database.admin.query('alter system set ssl = on');
  await database.admin.query('select pg_reload_conf()');
});
afterAll(async () => {
  await database?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Whether a transaction of a store with this URL is encrypted. */
async function isEncrypted(parameters: Record<string, string>, change: (url: URL) => void = () => undefined) {
  const { orgId } = await database.makeOrg();
  const url = new URL(database.appUrl);
  const password = decodeURIComponent(url.password);
  url.password = '';
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  change(url);
  const store = createStore({ databaseUrl: url.toString(), password: async () => password, applicationName: 'tls' });
  try {
    const rows = await store.forOrg(orgId, 'all').read((tx) =>
      tx.run(
        sql<{ ssl: boolean }>`select s.ssl from sites, pg_stat_ssl s
          where ${tx.ofOrg('sites')} and s.pid = pg_backend_pid() limit 1`,
      ),
    );
    return rows[0]?.ssl;
  } finally {
    await store.close();
  }
}

test('the store talks to the database over TLS when its URL asks for it, and trusts the authority named there', async () => {
  await expect.poll(() => isEncrypted({ sslmode: 'verify-full', sslrootcert: authority }).catch(String)).toBe(true);
  expect(await isEncrypted({})).toBe(false);
});

test('a server with a certificate of another authority or for another name gets no password', async () => {
  await expect(isEncrypted({ sslmode: 'verify-full' })).rejects.toThrow(/self.signed certificate/);
  const elsewhere = isEncrypted({ sslmode: 'verify-full', sslrootcert: authority }, (url) => {
    url.hostname = 'localhost';
  });
  await expect(elsewhere).rejects.toThrow(/does not match certificate's altnames/);
});
