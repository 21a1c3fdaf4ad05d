import { expect, test } from 'vitest';
import { Operator } from '../testing/operator.ts';

const minutes = (n: number) => n * 60_000;

test('an offline device probes the API every 30 s, however much waits, and sends at once when the network returns', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  world.setLink({ mode: 'off' });
  for (let k = 0; k < 20; k++) {
    await operator.shoot();
    await operator.endSession();
  }
  const { apiCalls } = world;
  await world.clock.run(minutes(30));
  expect(world.apiCalls - apiCalls).toBeGreaterThan(0);
  expect(world.apiCalls - apiCalls).toBeLessThanOrEqual(60);
  world.setLink({ mode: 'on' });
  const before = world.apiCalls;
  await world.clock.run(100);
  expect(world.apiCalls).toBeGreaterThan(before);
  expect(await world.clock.run(minutes(5), () => tab.outbox.state().items.length === 0)).toBe(true);
});

test('an upload that breaks off when the network is lost does not make the device probe more often', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  for (let k = 0; k < 20; k++) {
    await operator.shoot();
    await operator.endSession();
  }
  await world.clock.run(4_000);
  expect(operator.tab.outbox.state().uploading).toBe(true);
  // The requests fail before the system reports that there is no network.
  world.link.mode = 'off';
  await world.clock.run(2_000);
  world.setLink({ mode: 'off' });
  const { apiCalls } = world;
  await world.clock.run(minutes(30));
  expect(world.apiCalls - apiCalls).toBeLessThanOrEqual(61);
});
