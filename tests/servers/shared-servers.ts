import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DatabaseServer } from '@spinbay/core/testing';
import type { TestIssuer } from '@spinbay/local-oidc/testing';

/**
 * Serves one PostgreSQL and one issuer for the whole test run. They start on the first request, so a run that needs neither
 * costs nothing. `startTestDatabase` and `startTestIssuer` are the clients.
 */
export default async function serveSharedServers(): Promise<() => Promise<void>> {
  let databases: Promise<DatabaseServer> | undefined;
  let issuer: Promise<TestIssuer> | undefined;
  const startDatabases = async () => {
    const { startDatabaseServer } = await import('@spinbay/core/testing');
    return startDatabaseServer();
  };
  const startIssuer = async () => {
    const { startSeparateIssuer } = await import('@spinbay/local-oidc/testing');
    return startSeparateIssuer();
  };
  const answer = async (method: string, path: string): Promise<unknown> => {
    if (path === '/issuer') {
      issuer ??= startIssuer();
      return { url: (await issuer).url };
    }
    databases ??= startDatabases();
    const server = await databases;
    if (method === 'POST') return server.newDatabase();
    await server.dropDatabase(path.slice('/databases/'.length));
    return {};
  };
  const server = createServer((request, response) => {
    answer(request.method ?? '', request.url ?? '').then(
      (body) => response.end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env.SPINBAY_TEST_SERVERS = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async () => {
    server.closeAllConnections();
    server.close();
    await (await databases)?.stop();
    await (await issuer)?.close();
  };
}
