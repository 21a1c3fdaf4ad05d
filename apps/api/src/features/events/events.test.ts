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

const numbers = (count: number) => Array.from({ length: count }, (_, k) => [`k${k}`, k] as const);

async function stored(entityId: string) {
  const { rows } = await api.database.admin.query('select * from events where entity_id = $1', [entityId]);
  return rows as Record<string, unknown>[];
}

async function refusalOf(body: unknown): Promise<ApiError> {
  // A batch counts once per event, even if it is refused.
  const sender = await api.device(org);
  const error = await sender.createEvents({ body: body as never }).catch((reason: unknown) => reason);
  if (error instanceof ApiError) return error;
  throw new Error('it was not refused', { cause: error });
}

test('an event is stored with its sender and the times of both clocks', async () => {
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

test('a batch is stored completely, and each id once even if it is repeated', async () => {
  const device = await api.device(org);
  const entity_id = randomUUID();
  const batch = Array.from({ length: maxEvents }, () => event({ id: EventId.parse(randomUUID()), entity_id }));
  expect((await device.createEvents({ body: batch })).body).toEqual({ accepted: maxEvents, known: 0, refused: [] });
  const again = [...batch.slice(0, 2), event({ entity_id })];
  expect((await device.createEvents({ body: again })).body).toEqual({ accepted: 3, known: 2, refused: [] });
  expect(await stored(entity_id)).toHaveLength(maxEvents + 1);
});

test('a malformed event of a batch is refused on its own, with its position and errors', async () => {
  const [good, also] = [event(), event()];
  const bad = [event({ entity_type: 'dragon' }), event({ entity_id: 'no id', type: '' }), 'nonsense', null];
  const { status, body } = await device.createEvents({ body: [good, ...bad, also] as never });
  expect(status).toBe(201);
  expect(body).toMatchObject({ accepted: 2, known: 0 });
  expect(body.refused?.map(({ index, errors }) => [index, errors.map((error) => error.path)])).toEqual([
    [1, ['entity_type']],
    [2, ['entity_id', 'type']],
    [3, ['']],
    [4, ['']],
  ]);
  for (const { entity_id } of [good, also]) expect(await stored(entity_id)).toHaveLength(1);
  const none = await device.createEvents({ body: bad as never });
  expect(none.body).toMatchObject({ accepted: 0, known: 0 });
});

test.each(['"__proto__":{"x":1}', '"constructor":{"prototype":1}'])(
  'an event with the key %s loses it, and its batch is stored',
  async (key) => {
    const { token } = await api.device(org);
    const [one, other] = [event({ meta: { kept: 1 } }), event()];
    const reply = await fetch(`${api.url}/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify([one, other]).replace('"kept"', `${key},"kept"`),
    });
    expect(await reply.json()).toEqual({ accepted: 2, known: 0, refused: [] });
    expect((await stored(one.entity_id))[0]).toMatchObject({ meta: { kept: 1 } });
  },
);

test('a type is any printable text, and a message may have several lines', async () => {
  for (const type of ['UPLOAD_FAILED', 'upload-failed', 'Hochladen: später!', 'x'.repeat(100)]) {
    const body = event({ type, message: 'first\r\nsecond\tthird\n' });
    expect((await device.createEvents({ body })).status).toBe(201);
    expect((await stored(body.entity_id))[0]).toMatchObject({ type, message: 'first\r\nsecond\tthird' });
  }
});

test('an event with a wrong clock is stored with the time of arrival and the reported time', async () => {
  for (const occurred_at of ['1970-01-01T00:00:04Z', '2099-01-01T00:00:00.000Z']) {
    const body = event({ occurred_at, meta: { attempt: 1 } });
    expect((await device.createEvents({ body: [body] })).body.accepted).toBe(1);
    const [row] = await stored(body.entity_id);
    expect(row).toMatchObject({ meta: { attempt: 1, reported_occurred_at: occurred_at } });
    expect(Math.abs(Number(row?.occurred_at) - Number(row?.created_at))).toBeLessThan(3_600_000);
  }
});

test.each([
  ['another kind of entity', event({ entity_type: 'dragon' }), 'body.entity_type'],
  ['no entity', { entity_type: 'image', type: 'x' }, 'body.entity_id'],
  ['a message that cannot be displayed', event({ message: 'a\u0000b' }), 'body.message'],
  ['meta that cannot be stored', event({ meta: { text: '\u0000' } }), 'body.meta'],
  ['a lone surrogate in meta', event({ meta: { text: '\ud800' } }), 'body.meta'],
  ['meta as large as a file', event({ meta: { text: 'x'.repeat(9_000) } }), 'body.meta'],
  ['meta with hundreds of keys', event({ meta: { all: Object.fromEntries(numbers(200)) } }), 'body.meta'],
  ['meta that is nested deeply', event({ meta: { deep: [[[[[[[[1]]]]]]]] } }), 'body.meta'],
  ['a type with two lines', event({ type: 'a\nb' }), 'body.type'],
  ['a type that is too long', event({ type: 'x'.repeat(101) }), 'body.type'],
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

test('meta that looks like an escape is text, and may be nested', async () => {
  const meta = { path: 'C:\\udata\\u0000', deep: [[[[[[[1]]]]]]], all: Object.fromEntries(numbers(197)) };
  const body = event({ meta });
  await device.createEvents({ body });
  expect((await stored(body.entity_id))[0]).toMatchObject({ meta });
});

test('a megabyte of nested brackets is refused', async () => {
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
  expect((await other.createEvents({ body: event({ id }) })).body).toEqual({ accepted: 1, known: 0, refused: [] });
});

test('is limited to 1000 events a minute per actor, single or in batches', async () => {
  const busy = await api.device(org);
  const batch = (size: number) => busy.createEvents({ body: Array.from({ length: size }, () => event()) });
  await batch(maxEvents);
  await batch(maxEvents - 1);
  expect((await busy.createEvents({ body: event() })).status).toBe(201);
  for (const over of [busy.createEvents({ body: event() }), batch(2)])
    expect(await over.catch((e: unknown) => e)).toMatchObject({ status: 429 });
  expect((await (await api.device(org)).createEvents({ body: event() })).status).toBe(201);
});
