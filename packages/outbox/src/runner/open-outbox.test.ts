import { ConnectionError } from '@spinbay/client';
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

test('sends a spin shot offline once the network returns: each photo once, then the end of the session', async () => {
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

test('sends all previews before any original, and the newest session first', async () => {
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

test('sends only originals to a server without previews', async () => {
  const operator = await Operator.begin();
  operator.world.server.knowsPreviews = false;
  const shots = [await operator.shoot({ withPreview: true }), await operator.shoot({ withPreview: true })];
  expect(await operator.world.clock.run(minutes(5), isEmpty(operator))).toBe(true);
  expect(arrived(operator)).toEqual(shots.map((shot) => shot?.original.digest));
});

test('says that the server does not answer although there is a network, until it does', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  world.setLink({ mode: 'portal' });
  await operator.shoot();
  await world.clock.run(minutes(1));
  expect(tab.outbox.state()).toMatchObject({ online: true, server_answers: false });
  world.setLink({ mode: 'on' });
  expect(await world.clock.run(minutes(2), isEmpty(operator))).toBe(true);
  expect(tab.outbox.state()).toMatchObject({ online: true, server_answers: true });
});

test('does not say that the server does not answer once it refuses the only photo', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  await operator.shoot();
  expect(await world.clock.run(minutes(1), isEmpty(operator))).toBe(true);
  world.setLink({ mode: 'portal' });
  const full = await operator.shoot({ refusal: 'storage_quota_reached' });
  await world.clock.run(minutes(1));
  expect(tab.outbox.state().server_answers).toBe(false);
  world.setLink({ mode: 'on' });
  const isRefused = () => JSON.stringify(uploadOf(operator, full)).includes('storage_quota_reached');
  expect(await world.clock.run(minutes(2), isRefused)).toBe(true);
  expect(tab.outbox.state().server_answers).toBe(true);
});

test('keeps a refused photo with its reason, delays no other photo and retries it on request', async () => {
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
    cause: 'image_too_large',
  });
  expect(await world.during(tab.outbox.readOriginal(odd?.image_id ?? ''))).toEqual(odd?.original);
  expect([...world.server.sessions.values()]).toMatchObject([{ status: 'completed' }]);
  world.server.refused.clear();
  tab.outbox.retry(odd?.image_id);
  expect(await world.clock.run(minutes(2), isEmpty(operator))).toBe(true);
  expect([...world.server.sessions.values()]).toMatchObject([{ status: 'completed' }]);
});

test('retries a stuck photo when it is added again', async () => {
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

test('sends the other photos without delay while one keeps failing', async () => {
  const operator = await Operator.begin();
  const odd = await operator.shoot({ refusal: 'internal' });
  const others = [];
  for (let k = 0; k < 10; k++) others.push(await operator.shoot());
  await operator.world.clock.run(minutes(1));
  for (const shot of others) expect(uploadOf(operator, shot)).toMatchObject({ state: 'processed' });
  expect(uploadOf(operator, odd)).toMatchObject({ state: 'waiting', problem: expect.stringMatching(/went wrong/) });
});

test('a photo over the quota waits with the message of the server, delays nothing else, and is sent once there is room', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  const over = await operator.shoot({ refusal: 'storage_quota_reached' });
  const other = await operator.shoot();
  await world.clock.run(minutes(1));
  expect(uploadOf(operator, over)).toMatchObject({
    state: 'waiting',
    problem: expect.stringMatching(/used up its storage/),
    cause: 'storage_quota_reached',
  });
  expect(uploadOf(operator, other)).toMatchObject({ state: 'processed' });
  world.server.refused.clear();
  expect(await world.clock.run(minutes(60), isEmpty(operator))).toBe(true);
});

test('a session over the quota waits with its photos and the message of the server, and is sent on another day', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.setLink({ mode: 'off' });
  const shot = await operator.shoot();
  const id = operator.sessions[0]?.id ?? '';
  world.server.refusedSessions.set(id, 'session_quota_reached');
  world.setLink({ mode: 'on' });
  await world.clock.run(minutes(1));
  const item = operator.tab.outbox.state().items.find((one) => one.id === id);
  expect(item?.upload).toMatchObject({
    state: 'waiting',
    problem: expect.stringMatching(/limit of sessions for today/),
    cause: 'session_quota_reached',
  });
  expect(uploadOf(operator, shot)).toMatchObject({ state: 'waiting' });
  world.server.refusedSessions.clear();
  expect(await world.clock.run(minutes(60), isEmpty(operator))).toBe(true);
});

test('reports why the server refused a session and holds its photos until a retry', async () => {
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

test('confirms the photos of a session whose end was refused', async () => {
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

test('refreshes a refused token, or keeps everything until the user signs in again', async () => {
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

test('says why the token cannot be refreshed', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  await operator.shoot();
  expect(await world.clock.run(minutes(1), isEmpty(operator))).toBe(true);
  world.tokenIsGood = false;
  world.refreshFault = new ConnectionError('https://api.test does not answer (ECONNREFUSED).');
  const shot = await operator.shoot();
  await world.clock.run(minutes(1));
  expect(uploadOf(operator, shot)).toEqual({
    state: 'waiting',
    problem: 'The sign-in could not be refreshed: https://api.test does not answer (ECONNREFUSED).',
    cause: 'sign_in_failed',
  });
});

test('sends once the token can be refreshed, however often that failed before', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  world.tokenIsGood = false;
  world.refreshFault = new ConnectionError('no answer');
  await operator.shoot();
  await world.clock.run(minutes(60));
  expect([world.refreshes, tab.outbox.state().signedOut]).toEqual([0, false]);
  world.refreshFault = null;
  expect(await world.clock.run(minutes(10), isEmpty(operator))).toBe(true);
});

test('refreshes the token once for requests that were refused one after the other', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.setLink({ mode: 'off' });
  for (let k = 0; k < 4; k++) {
    await operator.shoot();
    await operator.endSession();
  }
  world.faults.push(...Array<'unauthorized_late'>(4).fill('unauthorized_late'));
  world.setLink({ mode: 'on' });
  expect(await world.clock.run(minutes(5), isEmpty(operator))).toBe(true);
  expect([world.refreshes, operator.tab.outbox.state().signedOut]).toEqual([1, false]);
});

test('presigns each photo just before its upload, so that no URL expires on a slow link', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.setLink({ speed: 10_000 });
  for (let k = 0; k < 8; k++) await operator.shoot();
  // Each upload takes five minutes, and a URL is valid for fifteen.
  expect(await world.clock.run(minutes(60), isEmpty(operator))).toBe(true);
  expect(world.bytesSent).toBe(8 * 3_000_000);
});

test('a photo is not sent forever to a store that refuses each upload after its last byte', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.faults.push(...Array<'put_forbidden'>(1_000).fill('put_forbidden'));
  await operator.shoot();
  await world.clock.run(minutes(60));
  const [photo] = operator.tab.outbox.state().sessions.flatMap(({ photos }) => photos);
  expect(photo?.upload).toMatchObject({ state: 'stuck', reason: 'refused' });
  expect(world.bytesSent).toBeLessThanOrEqual(8 * 3_000_000);

  // The store works again, and the operator retries.
  world.faults.length = 0;
  operator.tab.outbox.retry(photo?.image_id);
  expect(await world.clock.run(minutes(1), isEmpty(operator))).toBe(true);
});

test.each([
  ['a captive portal answers with a redirect', 'put_redirected'],
  ['arrives damaged', 'put_damaged'],
] as const)('retries an upload that %s', async (_, fault) => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.faults.push(fault);
  const shot = await operator.shoot();
  await operator.endSession();
  expect(await world.clock.run(minutes(5), isEmpty(operator))).toBe(true);
  expect(world.framesOf(shot?.original.digest ?? '')).toHaveLength(1);
});

test('delivers each photo once over a link that keeps breaking', async () => {
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

test('resends a photo if the store answered 200 but did not keep it', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.faults.push('put_lost');
  const shot = await operator.shoot();
  await world.clock.run(minutes(1));
  expect(uploadOf(operator, shot)).toMatchObject({ state: 'uploaded' });
  expect(await world.clock.run(minutes(10), isEmpty(operator))).toBe(true);
  expect(world.framesOf(shot?.original.digest ?? '')).toHaveLength(1);
});

test.each([3, -3])('corrects the capture time of a photo if the device clock is %i days ahead', async (days) => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.clock.ahead = days * 24 * 60 * minutes(1);
  const at = world.clock.trueTime();
  const shot = await operator.shoot();
  await operator.endSession();
  expect(await world.clock.run(minutes(5), isEmpty(operator))).toBe(true);
  const captured = world.server.images.get(shot?.image_id ?? '')?.captured_at;
  expect(Math.abs(Date.parse(captured ?? '') - at)).toBeLessThan(minutes(1));
});

test('marks the second of two identical photos as a duplicate', async () => {
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

test('sends only previews over mobile data if the setting says so, and the originals over Wi-Fi', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  await world.during(tab.outbox.settings({ originalsOnMetered: false }));
  world.setLink({ metered: true });
  const shot = await operator.shoot({ withPreview: true });
  await world.clock.run(minutes(10));
  expect([...world.server.objects.keys()].map((key) => key.split('/')[1])).toEqual(['preview']);
  expect(uploadOf(operator, shot)).toEqual({ state: 'waiting', held: 'metered' });
  world.setLink({ metered: false });
  expect(await world.clock.run(minutes(1), isEmpty(operator))).toBe(true);
  expect(arrived(operator)).toEqual([shot?.original.digest]);
});

test('keeps originals on the device if the setting says so', async () => {
  const operator = await Operator.begin();
  const { world, tab } = operator;
  await world.during(tab.outbox.settings({ keepOriginals: true }));
  const shot = await operator.shoot();
  expect(await world.clock.run(minutes(1), isEmpty(operator))).toBe(true);
  expect(await world.during(tab.outbox.readOriginal(shot?.image_id ?? ''))).toEqual(shot?.original);
});

test('shows the uploads of the first tab in a second tab, which takes over when the first one closes', async () => {
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

test('accepts a photo of a session that another tab has just added', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  await operator.openAnotherTab();
  await operator.newSession();
  // The message about the session has not reached the first tab.
  await operator.killOneTab(1);
  const shot = await operator.shoot();
  expect(await world.clock.run(minutes(5), isEmpty(operator))).toBe(true);
  expect(world.framesOf(shot?.original.digest ?? '')).toHaveLength(1);
});

test('sends events in batches every half minute, each event once', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  await operator.recordEvent();
  await world.clock.run(5_000);
  world.faults.push('reply_lost');
  for (let k = 0; k < 5; k++) await operator.recordEvent();
  expect(world.server.events.size).toBe(1);
  expect(await world.clock.run(minutes(2), isEmpty(operator))).toBe(true);
  expect(world.server.events.size).toBe(6);
});

test('confirms uploads to the server if the store emits no events, and resends a photo that did not arrive', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.server.hasNoEvents = true;
  world.faults.push('put_lost');
  const shot = await operator.shoot({ withPreview: true });
  expect(await world.clock.run(minutes(3), isEmpty(operator))).toBe(true);
  expect(world.framesOf(shot?.original.digest ?? '')).toHaveLength(1);
});

test('confirms a photo whose upload was acknowledged after the server had listed it as processed', async () => {
  const operator = await Operator.begin();
  const { world } = operator;
  world.server.workerIsUp = false;
  const first = await operator.shoot();
  await world.clock.run(minutes(1), () => uploadOf(operator, first)?.state === 'uploaded');
  world.faults.push('put_answered_late');
  const second = await operator.shoot();
  await world.clock.run(minutes(1), () => arrived(operator).length === 2);
  world.server.workerIsUp = true;
  world.server.processAll();
  // The list has both photos when it confirms the first one, and does not change afterwards.
  await world.clock.run(minutes(1), () => uploadOf(operator, first)?.state === 'processed');
  expect(uploadOf(operator, second)).toMatchObject({ state: 'sending' });
  expect(await world.clock.run(minutes(10), isEmpty(operator))).toBe(true);
});

test('reports to the server which photos arrived and why others did not', async () => {
  const operator = await Operator.begin();
  await operator.shoot();
  await operator.shoot({ refusal: 'image_too_large' });
  await operator.world.clock.run(minutes(2));
  expect([...operator.world.server.events.values()].sort()).toEqual(['upload.failed', 'upload.succeeded']);
});

test('returns the same state object until something changes', async () => {
  const operator = await Operator.begin();
  operator.world.setLink({ mode: 'off' });
  await operator.world.clock.run(1_000);
  const before = operator.tab.outbox.state();
  expect(operator.tab.outbox.state()).toBe(before);
  await operator.newSession();
  expect(operator.tab.outbox.state()).not.toBe(before);
});
