import { defaultShotList } from '@spinbay/contracts';
import { expect, test } from 'vitest';
import { Operator } from '../testing/operator.ts';

const minutes = (n: number) => n * 60_000;

test('announces a session with the direction of its turntable', async () => {
  const { world, tab } = await Operator.begin();
  const turning = async (turntable: 'clockwise' | 'counterclockwise') => {
    const id = world.newId();
    const vehicle = { stock: turntable };
    const shots = { mode: 'studio360', shot_list: defaultShotList('studio360') } as const;
    const created_at = new Date(world.clock.now()).toISOString();
    await world.during(tab.outbox.addSession({ id, site_id: world.newId(), vehicle, ...shots, turntable, created_at }));
    await world.clock.run(minutes(1));
    return world.server.sessions.get(id)?.turntable;
  };
  expect(await turning('counterclockwise')).toBe('counterclockwise');
  expect(await turning('clockwise')).toBe('clockwise');
});

test('ends a session again that was completed, reopened on the server and continued on this device', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  const isEmpty = () => tab.outbox.state().items.length === 0;
  await operator.shoot();
  await operator.endSession();
  expect(await world.clock.run(minutes(2), isEmpty)).toBe(true);
  const [session] = tab.outbox.state().sessions;
  const onServer = world.server.sessions.get(session?.id ?? '');
  if (session === undefined || onServer === undefined) throw new Error('the session is not on the server');
  expect(onServer.status).toBe('completed');

  onServer.status = 'active';
  await world.during(tab.outbox.addSession({ ...session, on_server: true }));
  const end = { session_id: session.id, status: 'completed', at: new Date(world.clock.now()).toISOString() } as const;
  await world.during(tab.outbox.endSession(end));
  expect(await world.clock.run(minutes(2), isEmpty)).toBe(true);
  expect(onServer.status).toBe('completed');
});
