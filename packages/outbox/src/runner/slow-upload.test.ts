import { expect, test } from 'vitest';
import { Operator } from '../testing/operator.ts';

test('after a failure of the API, previews are sent while the upload of an original is still running', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  // The upload of an original takes two and a half minutes.
  world.setLink({ speed: 20_000 });
  const first = await operator.shoot();
  await world.clock.run(5_000);
  expect(tab.outbox.state().uploading).toBe(true);

  world.faults.push('unavailable');
  await operator.newSession();
  const second = await operator.shoot({ withPreview: true });
  await world.clock.run(60_000);
  expect(world.server.images.get(second?.image_id ?? '')?.preview).toMatchObject({ key: expect.any(String) });
  expect(world.framesOf(first?.original.digest ?? '')).toEqual([]);
});
