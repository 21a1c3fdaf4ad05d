import { expect, test } from 'vitest';
import { Operator, type Shot } from '../testing/operator.ts';

const minutes = (n: number) => n * 60_000;

/** Takes two photos without a network. The first one got stuck in an earlier run. Then fills the device. */
async function fillWithStuck(reason: string): Promise<{ operator: Operator; stuck: Shot | null; other: Shot | null }> {
  const operator = await Operator.begin();
  const { world } = operator;
  world.setLink({ mode: 'off' });
  const stuck = await operator.shoot();
  const other = await operator.shoot();
  const id = stuck?.image_id ?? '';
  const row = world.disk.rows.get(id);
  if (row !== undefined) world.disk.rows.set(id, { ...row, stuck: { reason } });
  world.disk.room = world.disk.used;
  await operator.restart();
  return { operator, stuck, other };
}

test('after a start on a full device that could not release a stuck photo, all photos are sent once there is room', async () => {
  const { operator, stuck, other } = await fillWithStuck('update_needed');
  const { world } = operator;
  await world.clock.run(minutes(1));
  world.disk.room = Number.POSITIVE_INFINITY;
  world.setLink({ mode: 'on' });
  await world.clock.run(minutes(1));
  expect(world.framesOf(other?.original.digest ?? '')).toHaveLength(1);
  operator.tab.outbox.retry();
  await world.clock.run(minutes(1));
  expect(world.framesOf(stuck?.original.digest ?? '')).toHaveLength(1);
});

test('on a full device a retry sends the other photos, and after storage is freed also the stuck one', async () => {
  const { operator, stuck, other } = await fillWithStuck('refused');
  const { world, tab } = operator;
  world.canRefresh = false;
  world.tokenIsGood = false;
  world.setLink({ mode: 'on' });
  await world.clock.run(minutes(1));
  expect(tab.outbox.state().signedOut).toBe(true);
  world.tokenIsGood = true;
  tab.outbox.retry();
  await world.clock.run(minutes(1));
  expect(tab.outbox.state().signedOut).toBe(false);
  world.disk.room = Number.POSITIVE_INFINITY;
  await world.clock.run(minutes(5));
  expect(world.framesOf(other?.original.digest ?? '')).toHaveLength(1);
  tab.outbox.retry();
  await world.clock.run(minutes(1));
  expect(world.framesOf(stuck?.original.digest ?? '')).toHaveLength(1);
});
