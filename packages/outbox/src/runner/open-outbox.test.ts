import { defaultShotList } from '@spinbay/contracts';
import { expect, test } from 'vitest';
import type { SimBytes } from '../testing/memory-store.ts';
import { type SimTab, SimWorld } from '../testing/sim-world.ts';

async function addSession(world: SimWorld, tab: SimTab): Promise<string> {
  const id = world.newId();
  await tab.outbox.addSession({
    id,
    site_id: world.newId(),
    vehicle: { stock: 'A-1' },
    mode: 'studio360',
    shot_list: defaultShotList('studio360'),
    created_at: new Date(world.clock.now()).toISOString(),
  });
  return id;
}

async function shoot(world: SimWorld, tab: SimTab, session_id: string, angle_deg: number, original?: SimBytes) {
  const bytes = original ?? world.newPhoto();
  const image_id = world.newId();
  const captured_at = new Date(world.clock.now()).toISOString();
  await tab.outbox.addPhoto({
    image_id,
    session_id,
    angle_deg,
    captured_at,
    content_type: 'image/jpeg',
    original: bytes,
  });
  return { image_id, bytes };
}

const minutes = (n: number) => n * 60_000;
const isDone = (tab: SimTab) => () => tab.outbox.state().items.length === 0;

test('a spin that was shot offline arrives when the network comes: each photo once, then the end of the session', async () => {
  const world = new SimWorld();
  world.setLink({ mode: 'off' });
  const tab = await world.open();
  const session = await addSession(world, tab);
  const shots = [];
  for (let k = 0; k < 24; k++) shots.push(await shoot(world, tab, session, k * 15));
  await tab.outbox.endSession({
    session_id: session,
    status: 'completed',
    at: new Date(world.clock.now()).toISOString(),
  });
  await world.clock.run(minutes(10));
  expect(tab.outbox.state()).toMatchObject({ online: false, uploading: false });
  expect(tab.outbox.state().items).toHaveLength(25);
  world.setLink({ mode: 'on', speed: 2_000_000 });
  expect(await world.clock.run(minutes(2), isDone(tab))).toBe(true);
  for (const { bytes } of shots) expect(world.framesOf(bytes.digest)).toHaveLength(1);
  expect([...world.server.sessions.values()]).toMatchObject([{ status: 'completed' }]);
  expect(world.disk.used).toBe(0);
  expect(world.bytesSent).toBe(24 * 3_000_000);
  expect(tab.outbox.state().sessions[0]).toMatchObject({ finished: true, announced: true });
});

test('the state is the same object until something changes', async () => {
  const world = new SimWorld();
  world.setLink({ mode: 'off' });
  const tab = await world.open();
  await world.clock.run(1_000);
  const before = tab.outbox.state();
  expect(tab.outbox.state()).toBe(before);
  await addSession(world, tab);
  expect(tab.outbox.state()).not.toBe(before);
});
