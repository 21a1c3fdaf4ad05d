import { PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, test } from 'vitest';
import { connect, type ObjectsOptions } from './connection.ts';
import { createUrlSigner } from './sign-url.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };
const local = { endpoint: 'http://127.0.0.1:4300', region: 'us-east-1', bucket: 'spinbay', credentials };
const signedAt = new Date('2026-05-04T09:41:27.512Z');
const checksum = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
const tagging = 'org_id=o&shot_name=front%20left%2F%2B';

const stores: Record<string, ObjectsOptions> = {
  'a local server': local,
  'Amazon S3': { region: 'eu-central-1', bucket: 'photos-of-dealers', credentials },
  'Amazon S3, a bucket with dots': { region: 'eu-central-1', bucket: 'photos.of.dealers', credentials },
  'temporary credentials': { ...local, credentials: { ...credentials, sessionToken: 'FwoG/ZXIv+YXdz==' } },
};

function parts(url: string) {
  const { origin, pathname, searchParams } = new URL(url);
  return { origin, pathname, query: Object.fromEntries(searchParams) };
}

describe.each(Object.entries(stores))('%s', (_name, options) => {
  test.each([undefined, 3_700_000])('signs an upload of %s bytes like the SDK', async (contentLength) => {
    const connection = connect(options);
    const key = 'org/a/site/b/session/c/d (1).jpg';
    const headers = { 'content-type': 'image/jpeg', 'x-amz-checksum-sha256': checksum, 'x-amz-tagging': tagging };
    const command = new PutObjectCommand({
      Bucket: options.bucket,
      Key: key,
      ContentType: 'image/jpeg',
      ContentLength: contentLength,
      ChecksumSHA256: checksum,
      Tagging: tagging,
    });
    const expected = await getSignedUrl(connection.client, command, {
      expiresIn: 900,
      signingDate: signedAt,
      // The SDK's presigner would move these two into the query, where S3 ignores them.
      unhoistableHeaders: new Set(['x-amz-checksum-sha256', 'x-amz-tagging']),
      // It would leave these two unsigned, so that a client could send any value.
      signableHeaders: new Set(['content-type', ...(contentLength === undefined ? [] : ['content-length'])]),
    });
    const { sign } = await createUrlSigner(connection)();
    const url = sign({
      method: 'PUT',
      key,
      signedAt,
      expiresInSeconds: 900,
      headers: contentLength === undefined ? headers : { ...headers, 'content-length': String(contentLength) },
    });
    expect(parts(url)).toEqual(parts(expected));
  });
});

test('if clients reach the store at another address, signed URLs begin with it', async () => {
  const publicEndpoint = 'https://photos.example:4443';
  const wanted = { method: 'GET', key: 'org/a/b.jpg', signedAt, expiresInSeconds: 60 } as const;
  const elsewhere = (await createUrlSigner(connect({ ...local, publicEndpoint }))()).sign(wanted);
  const there = (await createUrlSigner(connect({ ...local, endpoint: publicEndpoint }))()).sign(wanted);
  expect(elsewhere).toBe(there);
  expect(elsewhere).toMatch(/^https:\/\/photos\.example:4443\/spinbay\/org\/a\/b\.jpg\?/);
});
