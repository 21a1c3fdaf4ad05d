import { gunzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { staticFile } from './static-files.ts';

const { failures } = vi.hoisted(() => ({ failures: [] as Error[] }));
vi.mock('node:zlib', async (importOriginal) => {
  const zlib = await importOriginal<typeof import('node:zlib')>();
  const gzip = (body: Buffer, options: object, done: (error: Error | null, result: Buffer) => void) => {
    const failure = failures.pop();
    if (failure === undefined) zlib.gzip(body, options, done);
    else done(failure, Buffer.alloc(0));
  };
  return { ...zlib, gzip };
});

test('a file is compressed once, and again after a failure', async () => {
  const body = Buffer.from('<p>Spinbay</p>'.repeat(100));
  const file = staticFile('index.html', body, false);
  failures.push(new Error('out of memory'));
  await expect(file.encoded('gzip')).rejects.toThrow('out of memory');
  const compressed = await file.encoded('gzip');
  expect(gunzipSync(compressed as Buffer)).toEqual(body);
  expect(await file.encoded('gzip')).toBe(compressed);
});
