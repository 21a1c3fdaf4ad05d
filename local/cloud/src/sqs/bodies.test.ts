import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  algorithm,
  canonicalRequest,
  hmac,
  scopeText,
  sha256Hex,
  signingKey,
  stringToSign,
} from '../sigv4/canonical.ts';
import { startTestCloud, type TestCloud } from '../testing.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud?.stop());

interface Signed {
  readonly body: string;
  /** Sends the hash of the body as a signed header, as the AWS SDKs for JavaScript do. */
  readonly sendsHash: boolean;
  readonly secret?: string;
}

/** A signed CreateQueue call, without its body. */
function open({ body, sendsHash, secret = cloud.credentials.secretAccessKey }: Signed, more: object = {}) {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = { date: timestamp.slice(0, 8), region: cloud.region, service: 'sqs' };
  const { host, port } = new URL(cloud.endpoint);
  const signed: Record<string, string> = {
    host,
    'x-amz-date': timestamp,
    'x-amz-target': 'AmazonSQS.CreateQueue',
    ...(sendsHash ? { 'x-amz-content-sha256': sha256Hex(body) } : {}),
  };
  const names = Object.keys(signed).sort();
  const wire = {
    method: 'POST',
    rawPath: '/',
    query: [],
    headers: new Map(Object.entries(signed).map(([name, value]) => [name, [value]])),
  };
  const text = stringToSign(timestamp, scope, canonicalRequest(wire, names, sha256Hex(body)));
  const signature = hmac(signingKey(secret, scope), text).toString('hex');
  const credential = `${cloud.credentials.accessKeyId}/${scopeText(scope)}`;
  const authorization = `${algorithm} Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const headers = { ...signed, authorization, 'content-length': Buffer.byteLength(body), ...more };
  return request({ host: '127.0.0.1', port, method: 'POST', path: '/', headers });
}

async function reply(call: ReturnType<typeof open>): Promise<[number | undefined, string]> {
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  call.destroy();
  return [response.statusCode, text];
}

const large = (size: number) => JSON.stringify({ QueueName: 'photos', padding: 'x'.repeat(size) });

test('a forged call is refused before its body arrives', async () => {
  const call = open({ body: large(3_000_000), sendsHash: true, secret: 'wrong' });
  call.flushHeaders();
  const [status, text] = await reply(call);
  expect(status).toBe(403);
  expect(text).toContain('SignatureDoesNotMatch');
});

test('a client that waits before it sends its body is asked for it only if its signature is valid', async () => {
  const body = large(10);
  const forged = open({ body, sendsHash: true, secret: 'wrong' }, { expect: '100-continue' });
  let isAsked = false;
  forged.once('continue', () => {
    isAsked = true;
  });
  forged.flushHeaders();
  expect((await reply(forged))[0]).toBe(403);
  expect(isAsked).toBe(false);
  const call = open({ body, sendsHash: true }, { expect: '100-continue' });
  call.once('continue', () => call.end(body));
  call.flushHeaders();
  expect((await reply(call))[0]).toBe(200);
});

test('a body that is not the signed one is refused', async () => {
  const body = large(10);
  const call = open({ body, sendsHash: true });
  call.end(body.replace('photos', 'phonys'));
  const [status, text] = await reply(call);
  expect(status).toBe(403);
  expect(text).toContain('SignatureDoesNotMatch');
});

test('a client that does not send the hash may send a small body', async () => {
  const small = open({ body: large(60_000), sendsHash: false });
  small.end(large(60_000));
  expect((await reply(small))[0]).toBe(200);
  const call = open({ body: large(70_000), sendsHash: false });
  call.end(large(70_000));
  const [status, text] = await reply(call);
  expect(status).toBe(413);
  expect(text).toContain('x-amz-content-sha256');
});

test('a large body with its hash is accepted', async () => {
  const call = open({ body: large(3_000_000), sendsHash: true });
  call.end(large(3_000_000));
  expect((await reply(call))[0]).toBe(200);
});
