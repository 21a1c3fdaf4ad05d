import { randomUUID } from 'node:crypto';
import { ApiError, type Client } from '@spinbay/client';
import { EventId, maxEvents } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
let device: Client;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
  device = await api.device(org);
});
afterAll(() => api?.stop());

const event = (more: object = {}) => ({
  entity_type: 'image' as const,
  entity_id: randomUUID(),
  type: 'upload.failed',
  ...more,
});

async function stored(entityId: string) {
  const { rows } = await api.database.admin.query('select * from events where entity_id = $1', [entityId]);
  return rows as Record<string, unknown>[];
}

async function refusalOf(body: unknown): Promise<ApiError> {
  const error = await device.createEvents({ body: body as never }).catch((reason: unknown) => reason);
  if (error instanceof ApiError) return error;
  throw new Error('it was not refused', { cause: error });
}

test('an event is kept with who sent it, and both clocks', async () => {
  const occurred_at = '2001-02-03T04:05:06.000Z';
  const body = event({ message: 'No network', meta: { attempt: 3 }, occurred_at });
  expect((await device.createEvents({ body })).status).toBe(201);
  const [row] = await stored(body.entity_id);
  expect(row).toMatchObject({
    org_id: org.orgId,
    entity_type: 'image',
    type: 'upload.failed',
    message: 'No network',
    meta: { attempt: 3 },
    actor_type: 'device',
    actor_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    occurred_at: new Date(occurred_at),
    reported: true,
  });
  expect(Math.abs(Date.now() - Number(row?.created_at))).toBeLessThan(24 * 3_600_000);

  const person = await api.as(org, 'operator');
  const second = event();
  await person.createEvents({ body: second });
  expect((await stored(second.entity_id))[0]).toMatchObject({ actor_type: 'user' });
});

test('a batch is taken whole, and each id once however often it is sent', async () => {
  const entity_id = randomUUID();
  const batch = Array.from({ length: maxEvents }, () => event({ id: EventId.parse(randomUUID()), entity_id }));
  expect((await device.createEvents({ body: batch })).body).toEqual({ accepted: maxEvents, known: 0 });
  const again = [...batch.slice(0, 2), event({ entity_id })];
  expect((await device.createEvents({ body: again })).body).toEqual({ accepted: 3, known: 2 });
  expect(await stored(entity_id)).toHaveLength(maxEvents + 1);
});

test('of a batch with faults nothing is kept, and each fault is named', async () => {
  const good = event();
  const body = [good, event({ entity_type: 'dragon' }), event({ entity_id: 'no id' }), event({ type: 'Not a type' })];
  const problem = await refusalOf(body);
  expect(problem).toMatchObject({ status: 400, code: 'validation_failed' });
  expect(problem.fields.map((field) => field.path)).toEqual(['body.1.entity_type', 'body.2.entity_id', 'body.3.type']);
  expect(await stored(good.entity_id)).toEqual([]);
});

test.each([
  ['another kind of entity', event({ entity_type: 'dragon' }), 'body.entity_type'],
  ['no entity', { entity_type: 'image', type: 'x' }, 'body.entity_id'],
  ['a message that cannot be shown', event({ message: 'a\u0000b' }), 'body.message'],
  ['meta that no database takes', event({ meta: { text: '\u0000' } }), 'body.meta'],
  ['half a character in meta', event({ meta: { text: '\ud800' } }), 'body.meta'],
  ['meta as large as a file', event({ meta: { text: 'x'.repeat(9_000) } }), 'body.meta'],
  ['an empty batch', [], 'body'],
  [
    'too many',
    Array.from({ length: maxEvents + 1 }, () => ({ entity_type: 'image', entity_id: randomUUID(), type: 'x' })),
    'body',
  ],
])('400 for %s', async (_, body, path) => {
  const problem = await refusalOf(body);
  expect(problem.status).toBe(400);
  expect(problem.fields.map((field) => field.path)).toContain(path);
});

test('meta that looks like an escape is text, and nesting is taken as it comes', async () => {
  const meta = { path: 'C:\\udata\\u0000' };
  const body = event({ meta });
  await device.createEvents({ body });
  expect((await stored(body.entity_id))[0]).toMatchObject({ meta });
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const send = (depth: number) =>
    device.createEvents({ body: event({ meta: { deep: JSON.parse(nested(depth)) as unknown } }) });
  expect((await send(1_000)).status).toBe(201);
});

test('a megabyte of brackets is refused', async () => {
  const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;
  const { token } = await api.device(org);
  const response = await fetch(`${api.url}/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: `{"entity_type":"image","entity_id":"${randomUUID()}","type":"x","meta":{"deep":${deep}}}`,
  });
  expect(response.status).toBe(400);
});

test('the same id in two organizations is two events', async () => {
  const id = EventId.parse(randomUUID());
  const other = await api.device(await api.makeOrg());
  await device.createEvents({ body: event({ id }) });
  expect((await other.createEvents({ body: event({ id }) })).body).toEqual({ accepted: 1, known: 0 });
});

test('ends at 1000 requests a minute for one actor, not for another', async () => {
  const busy = await api.device(org);
  let refused = 0;
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.allSettled(Array.from({ length: 101 }, () => busy.createEvents({ body: event() })));
    refused += answers.filter((answer) => answer.status === 'rejected').length;
  }
  expect(refused).toBe(10);
  expect((await device.createEvents({ body: event() })).status).toBe(201);
});
