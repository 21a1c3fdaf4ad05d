import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export { chromiumOptions } from './testing/chromium.ts';
export { type ReceivedSpan, startTestCollector, type TestCollector } from './testing/collector.ts';
export { floodConnections } from './testing/flood-connections.ts';
export { freePort, freePorts } from './testing/free-ports.ts';

interface TestSecret {
  current?: string;
  pending?: string;
  /** The version ids of the current and the previous value. */
  version?: string;
  previous?: string;
}

export interface TestSecretsManager {
  /** Secrets by ARN. Tests change them as AWS would. */
  readonly secrets: Map<string, TestSecret>;
  /** The environment in which the SDK calls this server. */
  readonly env: Readonly<Record<string, string>>;
  /** The names of the received calls, in order. */
  readonly calls: string[];
  close(): Promise<void>;
}

/** Simulates GetSecretValue and PutSecretValue of AWS Secrets Manager on loopback. The latter checks the request token. */
export async function startTestSecretsManager(): Promise<TestSecretsManager> {
  const secrets = new Map<string, TestSecret>();
  const tokens = new Map<string, string>();
  const calls: string[] = [];
  const answer = (action: string, input: Record<string, string>): object => {
    const secret = secrets.get(input.SecretId ?? '');
    if (secret === undefined) return { __type: 'ResourceNotFoundException' };
    if (action === 'GetSecretValue') {
      const { current, pending, version, previous } = secret;
      if (input.VersionStage === 'AWSPREVIOUS' && previous !== undefined)
        return { SecretString: 'an earlier value', VersionId: previous };
      const SecretString = { AWSPENDING: pending, AWSCURRENT: current }[input.VersionStage ?? ''];
      return SecretString === undefined
        ? { __type: 'ResourceNotFoundException' }
        : { SecretString, VersionId: version ?? 'first' };
    }
    if (action !== 'PutSecretValue') return { __type: 'UnknownOperationException' };
    const token = `${input.SecretId} ${input.ClientRequestToken}`;
    if (tokens.has(token) && tokens.get(token) !== input.SecretString) return { __type: 'ResourceExistsException' };
    tokens.set(token, input.SecretString ?? '');
    if (secret.current !== undefined) secret.previous = secret.version ?? 'first';
    secret.version = input.ClientRequestToken ?? '';
    secret.current = input.SecretString ?? '';
    return {};
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const action = String(request.headers['x-amz-target']).replace('secretsmanager.', '');
    calls.push(action);
    const reply = answer(action, JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead('__type' in reply ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(reply));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    secrets,
    calls,
    env: {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
