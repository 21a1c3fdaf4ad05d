import { createLogger, openTracing, type Tracing } from '@spinbay/runtime';
import { startTestCollector, type TestCollector } from '@spinbay/runtime/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complete, frame, startSpin, startTestApi, type TestApi, upload } from '../../testing.ts';

let collector: TestCollector;
let tracing: Tracing;
let api: TestApi;
beforeAll(async () => {
  collector = await startTestCollector();
  const log = createLogger({ name: 'test', level: 'silent' });
  tracing = await openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, 'spinbay-api', log);
  api = await startTestApi({ tracing });
});
afterAll(async () => {
  await api?.stop();
  await tracing?.close();
  await collector?.close();
});

/** The names of the spans in the trace of an image. */
async function spansOf(imageId: string): Promise<string[]> {
  await tracing.flush();
  const traceId = imageId.replaceAll('-', '');
  return collector.spans.filter((span) => span.traceId === traceId).map(({ name }) => name);
}

test('a frame is recorded once, when the gallery of a person first shows it', async () => {
  const org = await api.makeOrg();
  const [device, reviewer] = [await api.device(org), await api.as(org, 'reviewer')];
  const session = await startSpin(device, org.siteIds[0], 'SHOWN');
  const query = { session_id: session.id };
  const { image_id: id, storage_key } = await upload(device, session.id, 0);
  await reviewer.listImages({ query });
  await expect.poll(() => spansOf(id)).toEqual(['presign']);
  await complete(api.database, storage_key);
  await device.listImages({ query });
  await expect.poll(() => spansOf(id)).toEqual(['presign']);
  await reviewer.listImages({ query });
  await expect.poll(() => spansOf(id)).toEqual(['presign', 'show']);
  await reviewer.listImages({ query: { ...query, limit: 5 } });
  await upload(device, session.id, 15);
  await reviewer.listImages({ query });
  await expect.poll(() => spansOf(id)).toEqual(['presign', 'show']);
});

test('an old frame is not recorded, because nobody waited for it', async () => {
  const org = await api.makeOrg();
  const [device, reviewer] = [await api.device(org), await api.as(org, 'reviewer')];
  const session = await startSpin(device, org.siteIds[0], 'OLD');
  const { image_id: id, storage_key } = await upload(device, session.id, 0);
  await complete(api.database, storage_key);
  const sql = `update images set processed_at = now() - interval '1 hour' where id = $1`;
  await api.database.admin.query(sql, [id]);
  await reviewer.listImages({ query: { session_id: session.id } });
  await expect.poll(() => spansOf(id)).toEqual(['presign']);
});

test('trace headers of a request change nothing', async () => {
  const org = await api.makeOrg();
  const device = await api.device(org);
  const session = await startSpin(device, org.siteIds[0], 'HOSTILE');
  const hostile = 'f'.repeat(32);
  for (const traceparent of [`00-${hostile}-00f067aa0ba902b7-00`, '\u00ff'.repeat(500)]) {
    const reply = await fetch(`${api.url}/presign`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${device.token}`,
        'content-type': 'application/json',
        traceparent,
        tracestate: 'vendor=1',
        baggage: 'service.name=evil',
      },
      body: JSON.stringify(frame(session.id)),
    });
    expect(reply.status).toBe(200);
    const { image_id } = (await reply.json()) as { image_id: string };
    await expect.poll(() => spansOf(image_id)).toEqual(['presign']);
  }
  expect(JSON.stringify(collector.spans)).not.toContain(hostile);
  expect(collector.bodies.join('')).not.toMatch(/evil|angle_015\.jpg|X-Amz/);
});
