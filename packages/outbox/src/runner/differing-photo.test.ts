import { expect, test } from 'vitest';
import { Operator } from '../testing/operator.ts';

const minutes = (n: number) => n * 60_000;

test('a photo of which the server has other bytes is stuck for this reason, keeps its original and makes no more requests', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  const photo = () => tab.outbox.state().sessions[0]?.photos[0];
  world.server.workerIsUp = false;
  const shot = await operator.shoot();
  await operator.endSession();
  await world.clock.run(minutes(1));
  expect(photo()?.upload).toEqual({ state: 'uploaded' });

  const image = world.server.images.get(shot?.image_id ?? '');
  if (image?.original == null) throw new Error('the photo was not announced');
  image.original = { ...image.original, sha256: world.newPhoto().digest };
  world.server.workerIsUp = true;
  world.server.processAll();
  await world.clock.run(minutes(2));
  const stuck = { state: 'stuck', reason: 'digest_differs', detail: expect.stringMatching(/Shoot it again/) };
  expect(photo()).toMatchObject({ upload: stuck, has_original: true });
  const { apiCalls } = world;
  await world.clock.run(minutes(600));
  expect(world.apiCalls).toBe(apiCalls);

  tab.outbox.retry(shot?.image_id);
  await world.clock.run(minutes(1));
  expect(photo()).toMatchObject({ upload: stuck, has_original: true });
  expect(await world.during(tab.outbox.readOriginal(shot?.image_id ?? ''))).toEqual(shot?.original);
});
