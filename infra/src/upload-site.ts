import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

interface Site {
  readonly region: string;
  /** The output of a build. */
  readonly folder: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly distribution: string;
  /** Content of `config.json`: the addresses that the build uses in this environment. */
  readonly config: object;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** Uploads a site. Pages go last, because they refer to the other files. Files of previous versions stay for open tabs. */
export async function uploadSite({ region, folder, bucket, prefix, distribution, config }: Site): Promise<void> {
  const s3 = new S3Client({ region });
  const cloudFront = new CloudFrontClient({ region });
  const put = (name: string, Body: Buffer | string) =>
    s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `${prefix}/${name}`,
        Body,
        ContentType: types[extname(name)] ?? 'application/octet-stream',
        // Only files under assets/ have a digest of their content in their name.
        CacheControl: name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      }),
    );
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort((a, b) => Number(a.endsWith('.html')) - Number(b.endsWith('.html')));
    await put('config.json', JSON.stringify(config));
    for (const file of files) await put(file, readFileSync(join(folder, file)));
    await cloudFront.send(
      new CreateInvalidationCommand({
        DistributionId: distribution,
        InvalidationBatch: {
          CallerReference: `${prefix} ${new Date().toISOString()}`,
          Paths: { Quantity: 1, Items: ['/*'] },
        },
      }),
    );
  } finally {
    s3.destroy();
    cloudFront.destroy();
  }
}
