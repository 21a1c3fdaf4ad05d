import { expect, test } from 'vitest';
import { Operator } from '../testing/operator.ts';

const hours = (n: number) => n * 3_600_000;
const sent = (operator: Operator) => () => operator.tab.outbox.state().items.length === 0;

/** Shoots a session and ends it. */
async function shootSession(operator: Operator): Promise<string> {
  const shot = await operator.shoot({ withPreview: true });
  await operator.endSession();
  return shot?.session_id ?? '';
}

const idsOf = ({ tab }: Operator) => tab.outbox.state().sessions.map(({ id }) => id);

test('a finished session leaves the device with its previews after some time, and the newest one stays', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  const old = await shootSession(operator);
  const newer = await shootSession(operator);
  expect(await world.clock.run(hours(0.1), sent(operator))).toBe(true);
  expect(idsOf(operator)).toEqual([newer, old]);
  expect(world.disk.bytes.size).toBe(2);
  await world.clock.run(hours(1));
  expect(idsOf(operator)).toEqual([newer]);
  expect([...world.disk.rows.values()].filter(({ kind }) => kind === 'session' || kind === 'photo')).toHaveLength(2);
  expect(world.disk.bytes.size).toBe(1);
  await operator.restart();
  expect(idsOf(operator)).toEqual([newer]);
});

test('a session that a reviewer completed, and on which nobody works here, leaves the device, too', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  const shot = await operator.shoot({ withPreview: true });
  const old = shot?.session_id ?? '';
  await operator.newSession();
  const newer = await shootSession(operator);
  expect(await world.clock.run(hours(0.1), sent(operator))).toBe(true);
  const session = world.server.sessions.get(old);
  if (session !== undefined) session.status = 'completed';
  expect(idsOf(operator)).toEqual([newer, old]);
  await world.clock.run(hours(3));
  expect(idsOf(operator)).toEqual([newer]);
});

test('a session that was erased on the server leaves the device with its previews, except originals that are kept', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  const erased = await shootSession(operator);
  const newer = await shootSession(operator);
  const shot = await operator.shoot({ withPreview: true });
  const open = shot?.session_id ?? '';
  await operator.newSession();
  expect(await world.clock.run(hours(0.1), sent(operator))).toBe(true);
  await world.during(tab.outbox.settings({ keepOriginals: true }));
  const kept = await shootSession(operator);
  expect(await world.clock.run(hours(0.1), sent(operator))).toBe(true);
  for (const id of [erased, open, kept]) world.server.sessions.delete(id);
  await operator.restart();
  await world.clock.run(1_000);
  // Somebody may still work on the open session.
  expect(new Set(idsOf(operator))).toEqual(new Set([newer, open, kept]));
  await world.clock.run(hours(3));
  expect(new Set(idsOf(operator))).toEqual(new Set([newer, kept]));
  // The previews of both, and one original.
  expect(world.disk.bytes.size).toBe(3);
});

test('no session leaves the device because a request for it failed', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  await shootSession(operator);
  await shootSession(operator);
  expect(await world.clock.run(hours(0.1), sent(operator))).toBe(true);
  world.server.sessions.clear();
  world.setLink({ mode: 'off' });
  await operator.restart();
  await world.clock.run(1_000);
  expect(idsOf(operator)).toHaveLength(2);
});

test('what the server has not confirmed stays: a stuck photo, a session that is open, and an original that is kept', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  const refused = await operator.shoot({ refusal: 'image_too_large' });
  await operator.endSession();
  await world.during(tab.outbox.settings({ keepOriginals: true }));
  const kept = await shootSession(operator);
  await world.clock.run(hours(0.1));
  await world.during(tab.outbox.settings({ keepOriginals: false }));
  const open = await operator.shoot();
  await world.clock.run(hours(0.1));
  world.setLink({ mode: 'off' });
  await operator.newSession();
  const waiting = await shootSession(operator);
  world.setLink({ mode: 'on' });
  world.server.workerIsUp = false;
  const unconfirmed = await shootSession(operator);
  await world.clock.run(hours(1));
  expect(idsOf(operator)).toEqual(
    expect.arrayContaining([refused?.session_id, kept, open?.session_id, waiting, unconfirmed]),
  );
});

test('a device with little storage left removes finished sessions at once', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.disk.room = 100_000_000;
  await operator.restart();
  const old = await shootSession(operator);
  const newer = await shootSession(operator);
  expect(await world.clock.run(hours(0.1), sent(operator))).toBe(true);
  expect(idsOf(operator)).toEqual([newer, old]);
  await operator.restart();
  await world.clock.run(1_000);
  expect(idsOf(operator)).toEqual([newer]);
});
