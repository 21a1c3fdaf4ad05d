import { randomUUID } from 'node:crypto';
import { type Client, ConnectionError } from '@spinbay/client';
import type { LocalSession } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import { findOpenSession } from './open-sessions.ts';

const siteId = randomUUID();
const vin = '1HGCM82633A004352';
const shot_list = { studio360: { frame_count: 24 } };
const wanted = { siteId, vehicle: { stock: 'A-1', vin }, mode: 'studio360' } as const;

function local(over: Partial<LocalSession> = {}): LocalSession {
  const session = { id: randomUUID(), site_id: siteId, vehicle: { stock: 'A-1' }, mode: 'studio360', status: 'active' };
  const photos = [0, 15, 15].map((angle_deg) => ({ angle_deg, shot_name: null }));
  return { ...session, shot_list, stuck: null, photos, created_at: '2026-01-01', ...over } as unknown as LocalSession;
}

/** A server that has one open session, and finds it by the numbers of its vehicle. */
function serverWith(vehicle: { stock: string | null; vin: string | null }) {
  const searches: (string | undefined)[] = [];
  const frames = { pending: 1, processed: 2, failed: 0, published: 0, expected: 24 };
  const session = { id: randomUUID(), vehicle, shot_list, started_at: '2026-01-01', frames, turntable: 'clockwise' };
  const listSessions = async ({ query }: { query: { q?: string } }) => {
    searches.push(query.q);
    const isFound = query.q === vehicle.stock || query.q === vehicle.vin;
    return { status: 200, headers: {}, body: { items: isFound ? [session] : [] } };
  };
  return { session, searches, client: { listSessions } as unknown as Pick<Client, 'listSessions'> };
}

test('an open session of the same vehicle on this device is offered, with its progress, without asking the server', async () => {
  const { client, searches } = serverWith({ stock: 'A-1', vin: null });
  const here = local();
  const found = await findOpenSession(client, [local({ mode: 'stills' }), here], wanted);
  expect(found).toMatchObject({ id: here.id, onThisDevice: true, taken: 2, expected: 24 });
  expect(searches).toEqual([]);
});

test('sessions that ended, are of another vehicle or site, or are refused by the server are not offered', async () => {
  const { client } = serverWith({ stock: 'B-2', vin: null });
  const others = [
    local({ status: 'completed' }),
    local({ vehicle: { stock: 'A-2' } }),
    local({ site_id: randomUUID() }),
    local({ stuck: { reason: 'refused' } }),
  ];
  expect(await findOpenSession(client, others, wanted)).toBeNull();
});

test.each([
  ['stock number', { stock: 'A-1', vin: null }],
  ['VIN', { stock: null, vin }],
])('an open session of another device is offered if only its %s is known', async (_, vehicle) => {
  const { client, session } = serverWith(vehicle);
  const found = await findOpenSession(client, [], wanted);
  expect(found).toMatchObject({ id: session.id, onThisDevice: false, taken: 3, expected: 24 });
});

test('a server that does not answer does not hold up a new session', async () => {
  const listSessions = () => Promise.reject(new ConnectionError('offline'));
  expect(await findOpenSession({ listSessions } as unknown as Pick<Client, 'listSessions'>, [], wanted)).toBeNull();
});
