import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Image } from './images.ts';
import { Session } from './sessions.ts';
import { tolerant } from './tolerant.ts';

const at = '2026-05-04T09:30:00.000Z';
const session = {
  id: randomUUID(),
  site_id: randomUUID(),
  site_name: 'North',
  vehicle: { id: randomUUID(), vin: null, stock: 'A1', warnings: [] },
  mode: 'studio360',
  status: 'active',
  shot_list: { studio360: { frame_count: 24 } },
  operator: { type: 'device', id: randomUUID(), name: 'Phone' },
  started_at: at,
  completed_at: null,
  abandoned_at: null,
  created_at: at,
  frames: { expected: 24, pending: 0, processed: 0, failed: 0, published: 0, expired: 0, warned: 0 },
  last_frame_at: null,
  cover: null,
  spin_qc: null,
};

describe('a reply of a later release', () => {
  test('keeps unknown enum values and drops unknown fields', () => {
    const later = {
      ...session,
      status: 'paused',
      mode: 'walkaround',
      operator: { ...session.operator, type: 'drone', battery: 80 },
      priority: 'high',
    };
    const read = tolerant(Session).parse(later);
    expect(read).toMatchObject({ status: 'paused', mode: 'walkaround', operator: { type: 'drone' } });
    expect(read).not.toHaveProperty('priority');
    expect(read).not.toHaveProperty('operator.battery');
  });

  test('may have wider limits than this release sends', () => {
    const stills = [{ name: 'Front, left', required: true }];
    const later = { ...session, shot_list: { studio360: { frame_count: 1000 }, stills } };
    expect(tolerant(Session).parse(later)).toMatchObject({ shot_list: later.shot_list });
  });

  test('still has its types, ids and times checked', () => {
    for (const over of [{ id: 'x' }, { started_at: 'yesterday' }, { status: 5 }, { frames: null }, { site_name: null }])
      expect(tolerant(Session).safeParse({ ...session, ...over }).success, JSON.stringify(over)).toBe(false);
  });
});

test('a nullable field that an earlier release does not send becomes null', () => {
  const { spin_qc: _, cover: __, ...earlier } = session;
  expect(tolerant(Session).parse(earlier)).toEqual(session);
});

test('an optional field stays left out, and a field that is optional and nullable stays as it is', () => {
  const type = tolerant(z.object({ a: z.string().optional(), b: z.string().nullable().optional(), c: z.unknown() }));
  expect(type.parse({ c: 1 })).toEqual({ c: 1 });
  expect(type.parse({ b: null, c: [1] })).toEqual({ b: null, c: [1] });
});

test('lists, records and unions are parsed by their members', () => {
  const Kind = z.enum(['one', 'two']);
  const type = tolerant(
    z.object({
      list: z.array(Kind).max(1),
      table: z.record(Kind, z.int().max(5)),
      either: z.union([z.object({ kind: z.literal('one') }), z.object({ error: z.object({ code: Kind }) })]),
    }),
  );
  const later = { list: ['one', 'six'], table: { six: 6.5 }, either: { error: { code: 'six' } } };
  expect(type.parse(later)).toEqual(later);
  expect(type.safeParse({ ...later, either: {} }).success).toBe(false);
});

test('a reply of this release does not change', () => {
  expect(tolerant(Session).parse(session)).toEqual(Session.parse(session));
  const id = randomUUID();
  const image = {
    ...Object.fromEntries(Object.keys(Image.shape).map((key) => [key, null])),
    id,
    session_id: id,
    status: 'pending',
    storage_key: 'k',
    superseded: false,
    created_at: at,
    override: false,
  };
  expect(tolerant(Image).parse(image)).toEqual(Image.parse(image));
});
