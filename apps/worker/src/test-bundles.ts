import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { credentials, region, type TestStack } from './testing.ts';

const root = join(import.meta.dirname, '../../..');

/** Bundles a process and its measuring process as the production build does. */
export async function bundleProcess(
  name: string,
  source: string,
): Promise<{ script: string; remove(): Promise<void> }> {
  const folder = join(root, `node_modules/.cache/spinbay-tests/${randomUUID()}`);
  await build({
    entryPoints: {
      [name]: join(import.meta.dirname, source),
      'measure-child': join(root, 'packages/imaging/src/pool/measure-child.ts'),
    },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['sharp', 'libheif-js/*', 'pg-native'],
    // Bundled CommonJS packages call require() for Node's built-in modules.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
  });
  return { script: join(folder, `${name}.mjs`), remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The settings of a worker process. */
export function environmentOf(stack: TestStack, temporary: string): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    TMPDIR: temporary,
    DATABASE_URL: stack.database.appUrl,
    S3_BUCKET: stack.bucket,
    S3_ENDPOINT: stack.cloudUrl,
    SQS_ENDPOINT: stack.cloudUrl,
    SQS_QUEUE_URL: stack.queueUrl,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}
