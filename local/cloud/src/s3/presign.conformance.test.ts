import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalRequest, hmac, scopeText, sha256Hex, signingKey, stringToSign } from '../sigv4/canonical.ts';
import { openTarget, type Target } from '../testing/target.ts';

let target: Target;
let presigner: S3Client;
let bucket: string;
beforeAll(async () => {
  target = await openTarget();
  presigner = target.s3With({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  bucket = await target.newBucket();
});
afterAll(async () => {
  presigner.destroy();
  await target.close();
});

const photo = randomBytes(50_000);
const sha256 = createHash('sha256').update(photo).digest('base64');
const exists = (Key: string) =>
  target.s3.send(new HeadObjectCommand({ Bucket: bucket, Key })).then(
    () => true,
    () => false,
  );

/** Presigns as Spinbay does: type, checksum and tags are signed headers, which the client must send. */
async function presignPut(Key: string, more: { expiresIn?: number; signingDate?: Date } = {}) {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key,
    ContentType: 'image/jpeg',
    ChecksumSHA256: sha256,
    Tagging: 'kind=original',
  });
  const url = await getSignedUrl(presigner, command, {
    expiresIn: 300,
    signableHeaders: new Set(['content-type']),
    unhoistableHeaders: new Set(['x-amz-checksum-sha256', 'x-amz-tagging']),
    ...more,
  });
  const headers = { 'content-type': 'image/jpeg', 'x-amz-checksum-sha256': sha256, 'x-amz-tagging': 'kind=original' };
  return { url, headers };
}

async function errorOf(response: Response): Promise<string> {
  return `${response.status} ${/<Code>(.*?)<\/Code>/.exec(await response.text())?.[1]}`;
}

describe('a presigned PUT', () => {
  test('accepts the signed bytes and headers', async () => {
    const { url, headers } = await presignPut('signed');
    const response = await fetch(url, { method: 'PUT', headers, body: photo });
    expect(response.status).toBe(200);
    expect(response.headers.get('etag')).toBe(`"${createHash('md5').update(photo).digest('hex')}"`);
    const head = await target.s3.send(
      new HeadObjectCommand({ Bucket: bucket, Key: 'signed', ChecksumMode: 'ENABLED' }),
    );
    expect(head).toMatchObject({ ContentType: 'image/jpeg', ChecksumSHA256: sha256, ContentLength: photo.length });
  });

  const refused: [string, string, (url: URL, headers: Record<string, string>) => unknown][] = [
    ['without its signature', '403 AccessDenied', (url) => Object.assign(url, { search: '' })],
    [
      'for another key',
      '403 SignatureDoesNotMatch',
      (url) => Object.assign(url, { pathname: `${url.pathname}-other` }),
    ],
    [
      'with a changed signature',
      '403 SignatureDoesNotMatch',
      (url) => url.searchParams.set('X-Amz-Signature', '0'.repeat(64)),
    ],
    [
      'with a later expiry than signed',
      '403 SignatureDoesNotMatch',
      (url) => url.searchParams.set('X-Amz-Expires', '3600'),
    ],
    [
      'with an unknown access key',
      '403 InvalidAccessKeyId',
      (url) => {
        const credential = url.searchParams.get('X-Amz-Credential') ?? '';
        url.searchParams.set('X-Amz-Credential', credential.replace(/^[^/]+/, 'AKIAIOSFODNN7EXAMPLE'));
      },
    ],
    [
      'with another Content-Type',
      '403 SignatureDoesNotMatch',
      (_, headers) => Object.assign(headers, { 'content-type': 'text/html' }),
    ],
    [
      'without a signed header',
      '403 SignatureDoesNotMatch',
      (_, headers) => Reflect.deleteProperty(headers, 'x-amz-tagging'),
    ],
    [
      'with an unsigned x-amz- header',
      '403 AccessDenied',
      (_, headers) => Object.assign(headers, { 'x-amz-meta-more': '1' }),
    ],
  ];
  test.each(refused)('is refused %s', async (_, expected, change) => {
    const { url, headers } = await presignPut('refused');
    const changed = new URL(url);
    change(changed, headers);
    expect(await errorOf(await fetch(changed, { method: 'PUT', headers, body: photo }))).toBe(expected);
    expect(await exists('refused')).toBe(false);
  });

  test('is refused after it expires', async () => {
    const { url, headers } = await presignPut('refused', {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 120_000),
    });
    expect(await errorOf(await fetch(url, { method: 'PUT', headers, body: photo }))).toBe('403 AccessDenied');
    const future = await presignPut('refused', { signingDate: new Date(Date.now() + 3_600_000) });
    expect(await errorOf(await fetch(future.url, { method: 'PUT', headers, body: photo }))).toBe('403 AccessDenied');
  });

  test('is refused with different bytes, which are not stored', async () => {
    const { url, headers } = await presignPut('refused');
    const other = Buffer.concat([photo.subarray(1), Buffer.from('x')]);
    expect(await errorOf(await fetch(url, { method: 'PUT', headers, body: other }))).toBe('400 BadDigest');
    expect(await exists('refused')).toBe(false);
  });

  test('of 20 MB is answered with the reason for an early refusal', async () => {
    const { url, headers } = await presignPut('refused', {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 120_000),
    });
    const response = await fetch(url, { method: 'PUT', headers, body: Buffer.alloc(20 * 1024 * 1024) });
    expect(await errorOf(response)).toBe('403 AccessDenied');
  });

  test('stores bytes that a presigned GET returns with a file name', async () => {
    const { url, headers } = await presignPut('get');
    await fetch(url, { method: 'PUT', headers, body: photo });
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: 'get',
      ResponseContentDisposition: 'attachment; filename="car.jpg"',
    });
    const response = await fetch(await getSignedUrl(presigner, command, { expiresIn: 60 }));
    expect(Buffer.from(await response.arrayBuffer()).equals(photo)).toBe(true);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="car.jpg"');
  });
});

describe('a signature in the header', () => {
  test('is refused with a wrong secret, an unknown key or another region', async () => {
    const send = (config: object) => {
      const client = target.s3With(config);
      return client
        .send(new PutObjectCommand({ Bucket: bucket, Key: 'refused', Body: 'x' }))
        .finally(() => client.destroy());
    };
    const { accessKeyId } = target.credentials;
    const wrongSecret = send({ credentials: { accessKeyId, secretAccessKey: 'wrong' } });
    await expect(wrongSecret).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    });
    const unknown = send({ credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' } });
    await expect(unknown).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    await expect(send({ region: 'ap-south-2', endpoint: target.endpoint })).rejects.toMatchObject({
      name: 'AuthorizationHeaderMalformed',
    });
  });

  test('covers the hash of the body', async () => {
    const reply = await rawPut('raw', Buffer.from('other'), sha256Hex('signed'), {});
    expect(reply).toMatch(/^400 .*XAmzContentSHA256Mismatch/s);
    expect(await rawPut('raw', Buffer.from('signed'), sha256Hex('signed'), {})).toMatch(/^200/);
  });

  test('is refused when its time is 20 minutes off', async () => {
    const old = new Date(Date.now() - 20 * 60_000);
    expect(await rawPut('raw', Buffer.from('x'), sha256Hex('x'), { at: old })).toMatch(/^403 .*RequestTimeTooSkewed/s);
  });

  test('is refused as not implemented for a body in signed chunks, which is not stored', async () => {
    expect(await rawPut('chunked', Buffer.from('x'), 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', {})).toMatch(
      /^501 .*NotImplemented/s,
    );
    expect(await exists('chunked')).toBe(false);
  });
});

/** Sends a manually signed PUT, for requests that the SDK never sends. @returns status and body as text */
function rawPut(key: string, bytes: Buffer, payload: string, options: { at?: Date }): Promise<string> {
  const url = new URL(`${target.endpoint}/${bucket}/${key}`);
  const timestamp = (options.at ?? new Date()).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = { date: timestamp.slice(0, 8), region: target.region, service: 's3' };
  const secret = signingKey(target.credentials.secretAccessKey, scope);
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-content-sha256': payload,
    'x-amz-date': timestamp,
  };
  const names = Object.keys(headers).sort();
  const wire = {
    method: 'PUT',
    rawPath: url.pathname,
    query: [],
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
  };
  const toSign = stringToSign(timestamp, scope, canonicalRequest(wire, names, payload));
  const signature = hmac(secret, toSign).toString('hex');
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${target.credentials.accessKeyId}/${scopeText(scope)}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(
      url,
      { method: 'PUT', headers: { ...headers, 'content-length': bytes.length } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve(`${response.statusCode} ${text}`));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
}

describe('CORS', () => {
  const origin = 'http://capture.example';
  beforeAll(async () => {
    const CORSRules = [
      {
        AllowedOrigins: [origin, 'https://*.spinbay.example'],
        AllowedMethods: ['PUT', 'GET'],
        AllowedHeaders: ['content-type', 'x-amz-*'],
        ExposeHeaders: ['ETag'],
        MaxAgeSeconds: 600,
      },
    ];
    await target.s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules } }));
  });
  const preflight = (from: string, method: string, headers: string) =>
    fetch(`${target.endpoint}/${bucket}/photo`, {
      method: 'OPTIONS',
      headers: { origin: from, 'access-control-request-method': method, 'access-control-request-headers': headers },
    });

  test('answers a preflight by the rules of the bucket', async () => {
    const allowed = await preflight(origin, 'PUT', 'content-type,x-amz-checksum-sha256,x-amz-tagging');
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(allowed.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(allowed.headers.get('access-control-allow-headers')).toContain('x-amz-checksum-sha256');
    expect(allowed.headers.get('access-control-max-age')).toBe('600');
    expect(allowed.headers.get('vary')).toContain('Origin');
    expect((await preflight('https://a.spinbay.example', 'GET', 'content-type')).status).toBe(200);
    expect((await preflight('http://evil.example', 'PUT', 'content-type')).status).toBe(403);
    expect((await preflight(origin, 'DELETE', 'content-type')).status).toBe(403);
    expect((await preflight(origin, 'PUT', 'authorization')).status).toBe(403);
  });

  test('lets a page read replies, including refusals', async () => {
    const { url, headers } = await presignPut('cors');
    const stored = await fetch(url, { method: 'PUT', headers: { ...headers, origin }, body: photo });
    expect(stored.headers.get('access-control-allow-origin')).toBe(origin);
    expect(stored.headers.get('access-control-expose-headers')).toBe('ETag');
    const refused = await fetch(new URL(url).href.replace(/Signature=..../, 'Signature=0000'), {
      method: 'PUT',
      headers: { ...headers, origin },
      body: photo,
    });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
    const elsewhere = await fetch(url, {
      method: 'PUT',
      headers: { ...headers, origin: 'http://evil.example' },
      body: photo,
    });
    expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull();
  });
});
