import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ImageId, OrgId, SessionId } from '@spinbay/contracts';
import { build } from 'esbuild';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { environmentOf } from '../services.ts';
import { readSettings } from '../settings.ts';
import { startTestCollector, type TestCollector } from '../testing/collector.ts';
import { openTracing } from './open-tracing.ts';
import { noTracing, type Tracing } from './tracing.ts';

const ids = {
  orgId: OrgId.parse('0190a3c5-0000-7000-8000-000000000001'),
  sessionId: SessionId.parse('0190a3c5-0000-7000-8000-000000000002'),
  imageId: ImageId.parse('0190a3c5-1111-7222-8333-444455556666'),
};
const traceId = '0190a3c5111172228333444455556666';
const rootId = traceId.slice(16);

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function collect(answer?: () => number): Promise<TestCollector> {
  const collector = await startTestCollector(answer);
  closers.push(() => collector.close());
  return collector;
}

async function open(environment: Record<string, string>, service = 'spinbay-worker') {
  const lines: { level: number; msg: string; spans?: number; reason?: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) });
  const settings = readSettings(
    environment,
    [],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_RESOURCE_ATTRIBUTES'],
  );
  const tracing = await openTracing(settings, service, log);
  closers.push(() => tracing.close());
  return { tracing, lines, warnings: () => lines.filter(({ level }) => level >= 40) };
}

const record = (tracing: Tracing, count: number) => {
  for (let k = 0; k < count; k++) tracing.photo(ids).record('presign', new Date(), new Date());
};

test('the spans of two processes are one trace with the id of the image', async () => {
  const collector = await collect();
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const [api, worker] = [await open(endpoint, 'spinbay-api'), await open(endpoint)];
  const [from, to] = [new Date(1_700_000_000_000), new Date(1_700_000_002_500)];
  api.tracing.photo(ids).record('presign', from, to, { 'spinbay.upload_kind': 'original' });
  const photo = worker.tracing.photo(ids);
  const result = await photo.span('process upload', (trace) => trace.span('measure', async () => 7));
  photo.record('photo', from, to);
  await Promise.all([api.tracing.flush(), worker.tracing.flush()]);
  await expect.poll(() => collector.spans).toHaveLength(4);

  expect(result).toBe(7);
  const named = (name: string) => collector.spans.find((span) => span.name === name);
  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  expect(named('photo')).toMatchObject({ spanId: rootId, parentId: undefined, ms: 2500, service: 'spinbay-worker' });
  expect(named('presign')).toMatchObject({ parentId: rootId, service: 'spinbay-api', ms: 2500 });
  expect(named('process upload')).toMatchObject({ parentId: rootId });
  expect(named('measure')).toMatchObject({ parentId: named('process upload')?.spanId });
  expect(new Set(collector.spans.map((span) => span.spanId)).size).toBe(4);
  expect(named('presign')?.attributes).toEqual({
    'spinbay.org_id': ids.orgId,
    'spinbay.session_id': ids.sessionId,
    'spinbay.image_id': ids.imageId,
    'spinbay.upload_kind': 'original',
  });
});

test('sends the headers and the attributes of the settings', async () => {
  const collector = await collect();
  const { tracing, lines } = await open({
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20s3cret, x-tenant=a=b',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
  });
  record(tracing, 1);
  await tracing.flush();
  await expect.poll(() => collector.spans).toHaveLength(1);
  expect(collector.headers[0]).toMatchObject({ authorization: 'Bearer s3cret', 'x-tenant': 'a=b' });
  expect(collector.spans[0]?.resource).toMatchObject({
    'service.name': 'spinbay-worker',
    'deployment.environment.name': 'staging',
  });
  expect(JSON.stringify(lines)).not.toContain('s3cret');
});

test('work that throws is recorded without the message of its error', async () => {
  const collector = await collect();
  const { tracing } = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const fault = Object.assign(new Error('GET https://s3.test/key?X-Amz-Signature=abc'), { code: 'ECONNRESET' });
  const work = tracing.photo(ids).span('download', () => Promise.reject(fault));
  await expect(work).rejects.toBe(fault);
  await tracing.flush();
  await expect
    .poll(() => collector.spans)
    .toMatchObject([{ failed: true, attributes: { 'error.type': 'ECONNRESET' } }]);
  expect(collector.bodies.join('')).not.toContain('Signature');
});

test('a clock that is behind gives no negative time, and an id of zeros no trace', async () => {
  const collector = await collect();
  const { tracing } = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  tracing.photo(ids).record('show', new Date(5000), new Date(3000));
  const zeros = tracing.photo({ ...ids, imageId: ImageId.parse('00000000-0000-0000-0000-000000000000') });
  zeros.record('show', new Date(), new Date());
  expect(await zeros.span('measure', async () => 'done')).toBe('done');
  await tracing.flush();
  await expect.poll(() => collector.spans.map(({ ms }) => ms)).toEqual([0]);
});

describe('a faulty collector costs spans and causes one warning', () => {
  test.each([
    ['is down', async () => 'http://127.0.0.1:1'],
    ['answers 500', async () => (await collect(() => 500)).url],
    ['answers 503', async () => (await collect(() => 503)).url],
    ['does not answer', async () => (await collect(() => 0)).url],
  ])('%s', async (_, start) => {
    const { tracing, warnings } = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: await start() });
    // The queue has room for 2048 spans.
    for (let k = 0; k < 4; k++) {
      record(tracing, 1_500);
      expect(await tracing.photo(ids).span('measure', async () => k)).toBe(k);
    }
    await tracing.flush();
    record(tracing, 600);
    await tracing.close();
    await expect
      .poll(warnings)
      .toMatchObject([{ msg: 'spans cannot be exported and are lost; photos are not affected' }]);
  });
});

test('a collector that answers again gets the spans that follow', async () => {
  let status = 500;
  const collector = await collect(() => status);
  const { tracing, warnings } = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  record(tracing, 100);
  await tracing.flush();
  await expect.poll(warnings).toHaveLength(1);
  status = 200;
  record(tracing, 200);
  await tracing.flush();
  await expect.poll(() => collector.spans).toHaveLength(200);
  expect(warnings()).toHaveLength(1);
});

test('settings that are malformed are refused without their values', () => {
  const faults = [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:s3cret@collector.test' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.test/?key=s3cret' },
    { OTEL_EXPORTER_OTLP_HEADERS: 's3cret' },
    { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=s3cret%0d%0ax: y' },
    { OTEL_EXPORTER_OTLP_HEADERS: 'author ization=s3cret' },
    { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=s3cret%' },
    { OTEL_RESOURCE_ATTRIBUTES: 'service.name=s3cret' },
  ];
  for (const environment of faults) {
    const [name = ''] = Object.keys(environment);
    const read = () => readSettings(environment, [], [name as keyof (typeof faults)[0]]);
    expect(read, JSON.stringify(environment)).toThrow(`${name} is malformed`);
    expect(read).not.toThrow('s3cret');
  }
});

test('only the processes that export traces get the settings', () => {
  const environment = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=s3cret' };
  expect(environmentOf('worker', environment)).toEqual(environment);
  for (const name of ['portal', 'capture', 'oidc', 'cloud', 'eraser'] as const)
    expect(environmentOf(name, environment), name).toEqual({});
});

test('without an endpoint the SDK is not loaded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spinbay-tracing-'));
  try {
    const bundled = await build({
      stdin: {
        contents: `import { openTracing } from './open-tracing.ts';
          const endpoint = process.argv[2];
          const log = { info: () => {} };
          openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, 'test', log)
            .then(() => console.log('opened'), (error) => console.log(error.message));`,
        resolveDir: import.meta.dirname,
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      splitting: true,
      outdir: folder,
      write: false,
    });
    // Outside of the repository, so that the packages of the SDK cannot be found.
    for (const { path, text } of bundled.outputFiles) await writeFile(path, text);
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    const run = async (...args: string[]) =>
      (await promisify(execFile)(process.execPath, [join(folder, 'stdin.js'), ...args])).stdout;
    expect(await run()).toBe('opened\n');
    expect(await run('http://collector.test')).toMatch(/Cannot find package '@opentelemetry/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  expect((await open({})).tracing).toBe(noTracing);
});
