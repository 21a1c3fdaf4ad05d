import { expect, test } from 'vitest';
import { Operator } from '../testing/operator.ts';

const minutes = (n: number) => n * 60_000;

test('a session waits with its reason while the device works for another organization, and is sent after the return', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  world.setLink({ mode: 'off' });
  const shot = await operator.shoot();
  await operator.endSession();
  await operator.recordEvent();
  world.enrolIn('org-b');
  world.setLink({ mode: 'on' });
  const other = await operator.shoot();
  await operator.endSession();
  await world.clock.run(minutes(5));
  expect(world.framesOf(other?.original.digest ?? '')).toHaveLength(1);
  expect([...world.server.sessions.values()].map(({ org }) => org)).toEqual(['org-b']);
  expect(new Set(world.server.eventOrgs.values())).toEqual(new Set(['org-b']));
  const [, first] = tab.outbox.state().sessions;
  expect(first).toMatchObject({ org_id: 'org-a', stuck: { reason: 'other_org', detail: 'org-a' } });
  expect(first?.photos).toMatchObject([{ upload: { state: 'stuck', reason: 'other_org' }, has_original: true }]);
  expect(await world.during(tab.outbox.readOriginal(shot?.image_id ?? ''))).toEqual(shot?.original);
  // Neither a retry nor a restart sends it.
  tab.outbox.retry();
  await operator.restart();
  await world.clock.run(minutes(5));
  expect(world.server.sessions.size).toBe(1);

  world.enrolIn('org-a');
  expect(await world.clock.run(minutes(5), () => operator.tab.outbox.state().items.length === 0)).toBe(true);
  expect(world.framesOf(shot?.original.digest ?? '')).toHaveLength(1);
  expect([...world.server.sessions.values()].map(({ org, status }) => [org, status])).toEqual([
    ['org-b', 'completed'],
    ['org-a', 'completed'],
  ]);
});

test('a photo that is being sent when the device enrols elsewhere stops, and continues after the return', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.setLink({ speed: 100_000 });
  const shot = await operator.shoot();
  await world.clock.run(10_000);
  world.enrolIn('org-b');
  await world.clock.run(minutes(5));
  expect(world.framesOf(shot?.original.digest ?? '')).toEqual([]);
  expect(operator.tab.outbox.state()).toMatchObject({ uploading: false, signedOut: false });
  world.enrolIn('org-a');
  expect(await world.clock.run(minutes(5), () => operator.tab.outbox.state().items.length === 0)).toBe(true);
  expect(world.framesOf(shot?.original.digest ?? '')).toHaveLength(1);
});

/** Turns the sessions on the disk into those that the first release wrote. */
function downgradeSessions(operator: Operator, stuck: object | null = null): void {
  const { rows } = operator.world.disk;
  for (const row of rows.values()) {
    if (row.kind !== 'session') continue;
    const { org_id: _, server_status: told, ...kept } = row;
    rows.set(String(row.id), { ...kept, v: 1, told, stuck });
  }
}

test('rows of an earlier release belong to the organization that the device works for at the update', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.setLink({ mode: 'off' });
  await operator.shoot();
  downgradeSessions(operator);
  await operator.restart();
  expect(operator.tab.outbox.state().sessions).toMatchObject([{ org_id: 'org-a', stuck: null }]);
  world.enrolIn('org-b');
  expect(operator.tab.outbox.state().sessions).toMatchObject([{ stuck: { reason: 'other_org' } }]);
});

test('a session of an earlier release that another organization refused is sent after the return', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.setLink({ mode: 'off' });
  const shot = await operator.shoot();
  world.enrolIn('org-b');
  downgradeSessions(operator, { reason: 'refused', detail: 'This site does not exist.' });
  await operator.restart();
  world.enrolIn('org-a');
  world.setLink({ mode: 'on' });
  operator.tab.outbox.retry();
  expect(await world.clock.run(minutes(5), () => operator.tab.outbox.state().items.length === 0)).toBe(true);
  expect(world.framesOf(shot?.original.digest ?? '')).toHaveLength(1);
});
