import { expect, test } from 'vitest';
import type { UploadState } from '../index.ts';
import { Operator, type Shot } from '../testing/operator.ts';

const minutes = (n: number) => n * 60_000;
const isEmpty =
  ({ tab }: Operator) =>
  () =>
    tab.outbox.state().items.length === 0;

function uploadOf({ tab }: Operator, shot: Shot | null): UploadState | undefined {
  const photos = tab.outbox.state().sessions.flatMap((session) => session.photos);
  return photos.find(({ image_id }) => image_id === shot?.image_id)?.upload;
}

/** The digests of the originals in the order in which they arrived. */
function arrived({ world }: Operator): string[] {
  return [...world.server.objects].filter(([key]) => key.endsWith('/original')).map(([, digest]) => digest);
}

test('a spin that was shot offline arrives when the network comes: each photo once, then the end of the session', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  world.setLink({ mode: 'off' });
  const shots = [];
  for (let k = 0; k < 24; k++) shots.push(await operator.shoot());
  await operator.endSession();
  await world.clock.run(minutes(10));
  expect(tab.outbox.state()).toMatchObject({ online: false, uploading: false });
  expect(tab.outbox.state().items).toHaveLength(25);
  world.setLink({ mode: 'on', speed: 2_000_000 });
  expect(await world.clock.run(minutes(2), isEmpty(operator))).toBe(true);
  for (const shot of shots) expect(world.framesOf(shot?.original.digest ?? '')).toHaveLength(1);
  expect([...world.server.sessions.values()]).toMatchObject([{ status: 'completed' }]);
  expect(world.disk.used).toBe(0);
  expect(world.bytesSent).toBe(24 * 3_000_000);
  expect(tab.outbox.state().sessions[0]).toMatchObject({ finished: true, announced: true });
});

test('previews of all sessions go before all originals, and the newest session goes first', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.setLink({ mode: 'off' });
  const older = [await operator.shoot({ withPreview: true }), await operator.shoot({ withPreview: true })];
  await operator.newSession();
  const newer = [await operator.shoot({ withPreview: true }), await operator.shoot({ withPreview: true })];
  world.setLink({ mode: 'on' });
  await world.clock.run(minutes(5));
  expect(operator.tab.outbox.state().items).toEqual([]);
  const kinds = [...world.server.objects.keys()].map((key) => key.split('/')[1]);
  expect(kinds.lastIndexOf('preview')).toBeLessThan(kinds.indexOf('original'));
  const digests = [...newer, ...older].map((shot) => shot?.original.digest);
  expect(arrived(operator)).toEqual(digests);
});

test('a server that does not know previews gets originals only', async () => {
  const operator = await Operator.begin();
  operator.world.server.knowsPreviews = false;
  const shots = [await operator.shoot({ withPreview: true }), await operator.shoot({ withPreview: true })];
  expect(await operator.world.clock.run(minutes(5), isEmpty(operator))).toBe(true);
  expect(arrived(operator)).toEqual(shots.map((shot) => shot?.original.digest));
});

test('a photo that the server refuses says why, keeps its bytes and holds up nothing; the person can try it again', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  const odd = await operator.shoot({ refusal: 'image_too_large' });
  const good = await operator.shoot();
  await operator.endSession();
  await world.clock.run(minutes(2));
  expect(uploadOf(operator, good)).toMatchObject({ state: 'processed' });
  expect(uploadOf(operator, odd)).toMatchObject({
    state: 'stuck',
    reason: 'refused',
    detail: expect.stringMatching(/larger than/),
  });
  expect(await world.during(tab.outbox.readOriginal(odd?.image_id ?? ''))).toEqual(odd?.original);
  expect([...world.server.sessions.values()]).toMatchObject([{ status: 'completed' }]);
  world.server.refused.clear();
  tab.outbox.retry(odd?.image_id);
  expect(await world.clock.run(minutes(2), isEmpty(operator))).toBe(true);
  expect([...world.server.sessions.values()]).toMatchObject([{ status: 'completed' }]);
});

test('a photo that is stuck and added again is tried again, as the same photo', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  const odd = await operator.shoot({ refusal: 'image_too_large' });
  await world.clock.run(minutes(1));
  expect(uploadOf(operator, odd)).toMatchObject({ state: 'stuck' });
  world.server.refused.clear();
  const { image_id, session_id, original } = odd ?? { image_id: '', session_id: '', original: world.newPhoto() };
  await world.during(tab.outbox.addPhoto({ image_id, session_id, original, content_type: 'image/jpeg' }));
  expect(uploadOf(operator, odd)).not.toMatchObject({ state: 'stuck' });
  expect(await world.clock.run(minutes(1), isEmpty(operator))).toBe(true);
  expect(world.framesOf(original.digest)).toHaveLength(1);
});

test('a photo that fails for ever does not slow the others down', async () => {
  const operator = await Operator.begin();
  const odd = await operator.shoot({ refusal: 'internal' });
  const others = [];
  for (let k = 0; k < 10; k++) others.push(await operator.shoot());
  await operator.world.clock.run(minutes(1));
  for (const shot of others) expect(uploadOf(operator, shot)).toMatchObject({ state: 'processed' });
  expect(uploadOf(operator, odd)).toMatchObject({ state: 'waiting', problem: expect.stringMatching(/went wrong/) });
});

test('a session that the server refuses says why, and its photos wait for it', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  world.setLink({ mode: 'off' });
  const shot = await operator.shoot();
  world.server.refusedSessions.set(operator.sessions[0]?.id ?? '', 'vehicle_conflict');
  world.setLink({ mode: 'on' });
  await operator.newSession();
  const other = await operator.shoot();
  await world.clock.run(minutes(1));
  expect(uploadOf(operator, shot)).toMatchObject({ state: 'stuck', reason: 'session_refused' });
  expect(uploadOf(operator, other)).toMatchObject({ state: 'processed' });
  world.server.refusedSessions.clear();
  tab.outbox.retry();
  expect(await world.clock.run(minutes(1), isEmpty(operator))).toBe(true);
});

test('a session whose end is refused says so, and its photos are confirmed all the same', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  world.server.workerIsUp = false;
  const shot = await operator.shoot();
  await world.clock.run(minutes(1));
  expect(uploadOf(operator, shot)).toEqual({ state: 'uploaded' });
  for (const session of world.server.sessions.values()) session.status = 'completed';
  await operator.endSession('abandoned');
  await world.clock.run(minutes(1));
  expect(tab.outbox.state().sessions[0]?.stuck).toMatchObject({ reason: 'refused' });
  world.server.workerIsUp = true;
  world.server.processAll();
  await world.clock.run(minutes(1));
  expect(uploadOf(operator, shot)).toMatchObject({ state: 'processed' });
});

test('a refused token is refreshed; where it cannot be, everything waits for the person and nothing is lost', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  world.tokenIsGood = false;
  await operator.shoot();
  expect(await world.clock.run(minutes(1), isEmpty(operator))).toBe(true);
  world.tokenIsGood = false;
  world.canRefresh = false;
  const waiting = await operator.shoot();
  await world.clock.run(minutes(60));
  expect(tab.outbox.state().signedOut).toBe(true);
  expect(uploadOf(operator, waiting)).toMatchObject({ state: 'waiting' });
  world.tokenIsGood = true;
  tab.outbox.retry();
  expect(await world.clock.run(minutes(1), isEmpty(operator))).toBe(true);
});

test('a URL is asked for when its photo is sent: none runs out, however slow the link is', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.setLink({ speed: 10_000 });
  for (let k = 0; k < 8; k++) await operator.shoot();
  // Each takes five minutes, and a URL is good for fifteen.
  expect(await world.clock.run(minutes(60), isEmpty(operator))).toBe(true);
  expect(world.bytesSent).toBe(8 * 3_000_000);
});

test('a link that breaks off again and again costs only what was on its way', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  for (let k = 0; k < 12; k++) await operator.shoot();
  for (let cut = 0; cut < 10; cut++) {
    await world.clock.run(3_000);
    world.setLink({ mode: 'off' });
    await world.clock.run(3_000);
    world.setLink({ mode: 'on' });
  }
  expect(await world.clock.run(minutes(5), isEmpty(operator))).toBe(true);
  for (const { original } of operator.shots) expect(world.framesOf(original.digest)).toHaveLength(1);
});

test('a photo that the store only seemed to take is sent again', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.faults.push('put_lied');
  const shot = await operator.shoot();
  await world.clock.run(minutes(1));
  expect(uploadOf(operator, shot)).toMatchObject({ state: 'uploaded' });
  expect(await world.clock.run(minutes(10), isEmpty(operator))).toBe(true);
  expect(world.framesOf(shot?.original.digest ?? '')).toHaveLength(1);
});

test('a photo that an old clock dates into the future arrives, with the time as the server has it', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.clock.ahead = 3 * 24 * 60 * minutes(1);
  const at = world.clock.trueTime();
  const shot = await operator.shoot();
  await operator.endSession();
  expect(await world.clock.run(minutes(5), isEmpty(operator))).toBe(true);
  const captured = world.server.images.get(shot?.image_id ?? '')?.captured_at;
  expect(Math.abs(Date.parse(captured ?? '') - at)).toBeLessThan(minutes(1));
});

test('two photos with the same bytes: the second one says so', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  const first = await operator.shoot();
  await world.during(
    tab.outbox.addPhoto({
      image_id: world.newId(),
      session_id: first?.session_id ?? '',
      angle_deg: 15,
      content_type: 'image/jpeg',
      original: first?.original ?? world.newPhoto(),
    }),
  );
  await world.clock.run(minutes(1));
  const states = tab.outbox.state().sessions[0]?.photos.map(({ upload }) => upload);
  expect(states).toMatchObject([
    { state: 'processed' },
    { state: 'stuck', reason: 'duplicate', detail: first?.image_id },
  ]);
});

test('originals stay on the device where the person wants that', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  await world.during(tab.outbox.settings({ keepOriginals: true }));
  const shot = await operator.shoot();
  expect(await world.clock.run(minutes(1), isEmpty(operator))).toBe(true);
  expect(await world.during(tab.outbox.readOriginal(shot?.image_id ?? ''))).toEqual(shot?.original);
});

test('a second tab shows what the first one sends, and goes on when that is closed', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  const first = operator.tab;
  world.setLink({ speed: 200_000 });
  await operator.openAnotherTab();
  const shot = await operator.shoot();
  await world.clock.run(5_000);
  expect(uploadOf(operator, shot)).toMatchObject({ state: 'sending', total_bytes: 3_000_000 });
  first.kill();
  expect(await world.clock.run(minutes(5), isEmpty(operator))).toBe(true);
  expect(world.framesOf(shot?.original.digest ?? '')).toHaveLength(1);
});

test('events go together every half minute, and each once', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  await operator.note();
  await world.clock.run(5_000);
  world.faults.push('reply_lost');
  for (let k = 0; k < 5; k++) await operator.note();
  expect(world.server.events.size).toBe(1);
  expect(await world.clock.run(minutes(2), isEmpty(operator))).toBe(true);
  expect(world.server.events.size).toBe(6);
});

test('where the store tells nobody of a photo, the server is told; a photo that did not arrive is sent again', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.server.hasNoEvents = true;
  world.faults.push('put_lied');
  const shot = await operator.shoot({ withPreview: true });
  expect(await world.clock.run(minutes(3), isEmpty(operator))).toBe(true);
  expect(world.framesOf(shot?.original.digest ?? '')).toHaveLength(1);
});

test('the server is told which photos arrived, and why others did not', async () => {
  const operator = await Operator.begin();
  await operator.shoot();
  await operator.shoot({ refusal: 'image_too_large' });
  await operator.world.clock.run(minutes(2));
  expect([...operator.world.server.events.values()].sort()).toEqual(['upload.failed', 'upload.succeeded']);
});

test('the state is the same object until something changes', async () => {
  const operator = await Operator.begin();
  operator.world.setLink({ mode: 'off' });
  await operator.world.clock.run(1_000);
  const before = operator.tab.outbox.state();
  expect(operator.tab.outbox.state()).toBe(before);
  await operator.newSession();
  expect(operator.tab.outbox.state()).not.toBe(before);
});
