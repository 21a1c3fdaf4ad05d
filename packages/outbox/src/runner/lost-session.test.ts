import { expect, test } from 'vitest';
import { Operator } from '../testing/operator.ts';

const minutes = (n: number) => n * 60_000;

test('a sent photo whose session is erased before its confirmation is stuck, keeps its original and makes no more requests', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  const photo = () => tab.outbox.state().sessions[0]?.photos[0];
  world.server.workerIsUp = false;
  const shot = await operator.shoot({ withPreview: true });
  await operator.endSession();
  await world.clock.run(minutes(1));
  expect(photo()?.upload).toEqual({ state: 'uploaded' });

  const erased = new Map(world.server.sessions);
  world.server.sessions.clear();
  await world.clock.run(minutes(2));
  const detail = expect.stringMatching(/session/i);
  const stuck = { state: 'stuck', reason: 'session_refused', detail, cause: 'session_not_found' };
  expect(photo()).toMatchObject({ upload: stuck, has_original: true });
  const { apiCalls } = world;
  await world.clock.run(minutes(600));
  expect(world.apiCalls).toBe(apiCalls);
  expect(photo()?.upload).toMatchObject(stuck);

  tab.outbox.retry(shot?.image_id);
  await world.clock.run(minutes(1));
  expect(photo()?.upload).toMatchObject(stuck);

  // The device has access again.
  for (const [id, session] of erased) world.server.sessions.set(id, session);
  world.server.workerIsUp = true;
  world.server.processAll();
  tab.outbox.retry(shot?.image_id);
  await world.clock.run(minutes(2));
  expect(tab.outbox.state().items).toEqual([]);
});
