import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { startTestPostgres, type TestPostgres } from '@spinbay/local-postgres/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalCloud, startLocalCloud } from './index.ts';
import { ensureBucket, ensureQueues } from './set-up/index.ts';
import { quiet } from './testing/target.ts';

const credentials = { accessKeyId: 'flood', secretAccessKey: 'secret of the flood' };
const region = 'us-east-1';
let postgres: TestPostgres;
let dataDir: string;
let cloud: LocalCloud;
let s3: S3Client;

beforeAll(async () => {
  postgres = await startTestPostgres();
  dataDir = await mkdtemp(join(tmpdir(), 'spinbay-flood-'));
  const databaseUrl = postgres.url;
  const options = { host: '127.0.0.1', port: 0, dataDir, databaseUrl, accessKeys: [credentials], region, log: quiet };
  cloud = await startLocalCloud(options);
  const server = { endpoint: cloud.url, region, credentials };
  const { queueArn } = await ensureQueues({ ...server, name: 'q', maxReceiveCount: 3, visibilitySeconds: 60 });
  await ensureBucket({ ...server, bucket: 'flood', corsOrigins: ['http://x.test'], queueArn, suffixes: ['.jpg'] });
  s3 = new S3Client({ ...server, forcePathStyle: true, maxAttempts: 1 });
});
afterAll(async () => {
  s3?.destroy();
  await cloud?.close();
  await postgres?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function open(count: number, head = ''): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(cloud.port, '127.0.0.1'));
  for (const socket of sockets) socket.on('error', () => undefined).resume();
  await Promise.all(sockets.map((socket) => once(socket, 'connect').catch(() => undefined)));
  if (head !== '') for (const socket of sockets) socket.write(head);
  return sockets;
}

test.each([
  ['that send nothing', ''],
  ['with an incomplete request', 'PUT /flood/a HTTP/1.1\r\nHost: x\r\nContent-Le'],
])('closes the oldest of 1,100 connections %s and accepts new ones', async (_, head) => {
  const flood = await open(1_100, head);
  try {
    await s3.send(new HeadBucketCommand({ Bucket: 'flood' }));
    const url = await getSignedUrl(s3, new HeadBucketCommand({ Bucket: 'flood' }));
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    // The server closes all connections above the limit.
    await expect.poll(() => flood.filter((socket) => !socket.destroyed).length).toBeLessThanOrEqual(100);
  } finally {
    for (const socket of flood) socket.destroy();
  }
});

test('keeps a signed connection during a flood', async () => {
  const own = new S3Client({ endpoint: cloud.url, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  await own.send(new HeadBucketCommand({ Bucket: 'flood' }));
  const flood = await open(500);
  try {
    // Only one attempt, on the open connection.
    for (let k = 0; k < 3; k++) await own.send(new HeadBucketCommand({ Bucket: 'flood' }));
  } finally {
    own.destroy();
    for (const socket of flood) socket.destroy();
  }
});
