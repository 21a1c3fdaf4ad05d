import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { AuthDeviceBody } from './auth.ts';
import { errorTable, Problem } from './errors.ts';
import type { SessionId } from './ids.ts';
import { hexToBase64 } from './images.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';
import { sessionCursor } from './session-cursor.ts';
import { sessionTransitions } from './sessions.ts';
import { StockNumber } from './vehicles.ts';

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;
const all = Object.entries(routes) as [string, Route][];

describe('every route', () => {
  test.each(all)('%s: its path names its parameters, and its errors are known', (_, route) => {
    const named = [...route.path.matchAll(/:(\w+)/g)].map((match) => match[1]);
    expect(Object.keys(route.params?.shape ?? {})).toEqual(named);
    for (const code of route.errors) expect(errorTable).toHaveProperty(code);
    expect(Object.keys(route.replies).every((status) => /^(2\d\d|304)$/.test(status))).toBe(true);
    expect(route.method === 'GET' && route.body !== undefined).toBe(false);
  });

  test('has a method and path of its own', () => {
    const places = all.map(([, route]) => `${route.method} ${route.path.replace(/:\w+/g, ':')}`);
    expect(new Set(places).size).toBe(places.length);
  });

  test('has the same limit as the others of its bucket', () => {
    const limits = all.flatMap(([, { rateLimit }]) => rateLimit ?? []);
    for (const { bucket, per, max } of limits.filter((limit) => limit.bucket !== undefined))
      for (const other of limits.filter((limit) => limit.bucket === bucket)) expect(other).toMatchObject({ per, max });
  });

  test('accepts devices only if capturing needs it', () => {
    const open = all.filter(([, r]) => r.access !== 'public' && r.access.includes('device')).map(([name]) => name);
    expect(open.sort()).toEqual([
      'confirmUpload',
      'createEvents',
      'createSession',
      'getQcThresholds',
      'getSession',
      'listImages',
      'listSessions',
      'listShotLists',
      'listSites',
      'presignImage',
      'presignImages',
      'updateSession',
      'updateVehicle',
    ]);
    for (const route of [routes.publishImage, routes.unpublishImage, routes.publishSession, routes.unpublishSession])
      expect(route.access).toEqual(['reviewer', 'admin']);
  });
});

test('every error has a sentence as its title and is a valid problem', () => {
  for (const [code, { status, title }] of Object.entries(errorTable)) {
    expect(title).toMatch(/^[A-Z].{15,}\.$/);
    expect(accepts(Problem, { type: `urn:spinbay:error:${code}`, title, status, code })).toBe(true);
  }
});

describe('digests', () => {
  const { body } = routes.presignImage;
  const digestOf = (content_sha256: string) =>
    body.parse({ session_id: randomUUID(), file_name: 'a.jpg', content_type: 'image/jpeg', content_sha256 })
      .content_sha256;

  test('are the same in base64 and in hex of either case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const digest = createHash('sha256').update(bytes).digest();
        const hex = digest.toString('hex');
        expect(digestOf(hex)).toBe(hex);
        expect(digestOf(hex.toUpperCase())).toBe(hex);
        expect(digestOf(digest.toString('base64'))).toBe(hex);
        expect(hexToBase64(hex)).toBe(digest.toString('base64'));
      }),
    );
  });

  test.each(['', 'abc', 'g'.repeat(64), '0'.repeat(63), '0'.repeat(65), `${'A'.repeat(42)}==`, `${'-'.repeat(43)}=`])(
    '%j is not a digest',
    (digest) => expect(() => digestOf(digest)).toThrow(),
  );
});

describe('ids', () => {
  const { params } = routes.getSession;
  test('are lower case, however they are written', () => {
    const id = randomUUID();
    expect(params.parse({ session_id: id.toUpperCase() })).toEqual({ session_id: id });
  });
  test.each(['', 'x', "' or 1=1 --", '{019a}', `${randomUUID()} `, `${randomUUID()}\n`])(
    '%j is not an id',
    (session_id) => expect(accepts(params, { session_id })).toBe(false),
  );
});

describe('a frame to presign', () => {
  const { body } = routes.presignImage;
  const frame = {
    session_id: randomUUID(),
    file_name: 'a.jpg',
    content_type: 'image/jpeg',
    content_sha256: '0'.repeat(64),
  };
  test('has the fields of the specification', () => expect(accepts(body, frame)).toBe(true));
  test.each([
    ['a PNG', { content_type: 'image/png' }],
    ['a type with parameters', { content_type: 'image/jpeg; q=1' }],
    ['angle and shot at once', { angle_deg: 15, shot_name: 'front' }],
    ['360 degrees', { angle_deg: 360 }],
    ['a negative angle', { angle_deg: -15 }],
    ['no bytes', { content_length: 0 }],
    ['half a byte', { content_length: 1.5 }],
    ['a time without an offset', { captured_at: '2026-05-04T09:30:00' }],
    ['the 31st of February', { captured_at: '2026-02-31T09:30:00Z' }],
    ['the year 10000', { captured_at: '9999-12-31T23:59:59-23:59' }],
    ['the year 0', { captured_at: '0000-06-01T00:00:00Z' }],
    ['a file name that is too long', { file_name: 'a'.repeat(256) }],
  ])('is refused with %s', (_, over) => expect(accepts(body, { ...frame, ...over })).toBe(false));
});

describe('a vehicle', () => {
  test('stock numbers ignore case and extra spaces', () => {
    expect(StockNumber.parse('  a-17 ')).toBe('A-17');
    expect(StockNumber.parse('a   17\u00a0\u00a0b')).toBe('A 17 B');
    expect(accepts(StockNumber, '   ')).toBe(false);
    expect(accepts(StockNumber, 'x'.repeat(65))).toBe(false);
  });
  test('needs a VIN or a stock number', () => {
    const session = { site_id: randomUUID(), mode: 'stills' };
    expect(accepts(routes.createSession.body, { ...session, vehicle: {} })).toBe(false);
    expect(accepts(routes.createSession.body, { ...session, vehicle: { stock: 'A1' } })).toBe(true);
  });
});

describe('text that people read', () => {
  const device = { org_id: randomUUID(), platform: 'ios', model: 'iPhone 17', app_version: '1.0.0' };
  test('may have any script, and emoji', () => {
    for (const model of ['Ærø Ŝ', '小米 14', '📷 pro', 'o\u0308'])
      expect(accepts(AuthDeviceBody, { ...device, model })).toBe(true);
  });
  // PostgreSQL refuses U+0000 in text and lone surrogates in jsonb, so they would cause a server error.
  test.each(['\u0000', 'a\u0000b', 'a\nb', '\u0007', '\u009f', '\ud800', 'a\udc00', '   '])('cannot be %j', (model) =>
    expect(accepts(AuthDeviceBody, { ...device, model })).toBe(false),
  );
  test('a device sends its id and its secret together', () => {
    expect(accepts(AuthDeviceBody, { ...device, device_id: randomUUID() })).toBe(false);
    expect(accepts(AuthDeviceBody, { ...device, device_secret: 'x' })).toBe(false);
    expect(accepts(AuthDeviceBody, { ...device, device_id: randomUUID(), device_secret: 'x' })).toBe(true);
  });
});

describe('a session', () => {
  const session = { site_id: randomUUID(), vehicle: { stock: 'A1' }, mode: 'studio360' };
  test('needs a shot list for its mode', () => {
    const { body } = routes.createSession;
    expect(accepts(body, session)).toBe(true);
    expect(accepts(body, { ...session, shot_list: { studio360: { frame_count: 36 } } })).toBe(true);
    expect(accepts(body, { ...session, shot_list: {} })).toBe(false);
    expect(accepts(body, { ...session, shot_list: { stills: [{ name: 'front' }] } })).toBe(false);
    expect(accepts(body, { ...session, mode: 'walk360' })).toBe(false);
  });
  test('a time requires its state', () => {
    const { body } = routes.updateSession;
    const at = '2026-05-04T09:30:00+02:00';
    expect(accepts(body, { status: 'completed', completed_at: at })).toBe(true);
    expect(accepts(body, { status: 'active', completed_at: at })).toBe(false);
    expect(accepts(body, { status: 'completed', abandoned_at: at })).toBe(false);
  });
  test('each state has successors, and none is its own', () => {
    for (const [from, to] of Object.entries(sessionTransitions)) {
      expect(to).not.toContain(from);
      expect(to.length).toBeGreaterThan(0);
    }
  });
});

describe('pages', () => {
  const { query } = routes.listSessions;
  test('a search text is normalized like stock numbers and VINs', () =>
    expect(query.parse({ q: '  a \u00a0 17 ' })).toMatchObject({ q: 'A 17' }));
  test('a cursor excludes an offset', () => {
    const cursor = sessionCursor({
      active: true,
      startedAt: '2026-11-22T10:00:00.000001Z',
      id: randomUUID() as SessionId,
    });
    expect(accepts(query, { cursor })).toBe(true);
    expect(accepts(query, { cursor, offset: '10' })).toBe(false);
  });
  test('have a default size', () => expect(query.parse({})).toEqual({ limit: 50, offset: 0 }));
  test.each([
    { limit: '0' },
    { limit: '201' },
    { limit: '1.5' },
    { limit: 'x' },
    { offset: '-1' },
    { limit: ['1', '2'] },
    { q: 'a' },
    { q: '  a  ' },
    { q: 'a\u0000b' },
    { q: 'x'.repeat(65) },
    { mode: 'walk360' },
    { cursor: 'x' },
    { cursor: '' },
  ])('refuse %j', (page) => expect(accepts(query, page)).toBe(false));
});
