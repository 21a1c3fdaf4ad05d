import { isFailure } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishImage, publishSession, unpublishImage } from '../images/publish-images.ts';
import { angle, measured, noSlot, startShooting, untilSomebodyWaits } from '../testing/shooting.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { expireUpload } from '../uploads/expire-upload.ts';
import { originalOf } from '../uploads/upload-state.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

type Shooting = Awaited<ReturnType<typeof startShooting>>;
const publish = ({ tenant, userId }: Shooting, id: Parameters<typeof publishImage>[1], override = false) =>
  tenant.transact((tx) => publishImage(tx, id, { userId, override, preview: false }));
const publishAll = ({ tenant, sessionId, userId }: Shooting) =>
  tenant.transact((tx) => publishSession(tx, sessionId, { userId, warned: false }));
const idsOf = (items: readonly { id: string }[]) => items.map(({ id }) => id);

test('a session has a slot for each place of its shot list, in shooting order', async () => {
  const stills = ['odometer', 'boot'].map((name) => ({ name, required: true }));
  const shooting = await startShooting(database, { studio360: { frame_count: 3 }, stills });
  const empty = { current_image_id: null, published_image_id: null };
  expect(await shooting.slots()).toEqual([
    { position: 0, angle_deg: 0, shot_name: null, ...empty },
    { position: 1, angle_deg: 120, shot_name: null, ...empty },
    { position: 2, angle_deg: 240, shot_name: null, ...empty },
    { position: 3, angle_deg: null, shot_name: 'odometer', ...empty },
    { position: 4, angle_deg: null, shot_name: 'boot', ...empty },
  ]);
  const still = await shooting.shoot({ angle_deg: null, shot_name: 'boot' });
  expect((await shooting.slots())[4]).toMatchObject({ current_image_id: still });
});

test('the newest good frame is current, else the newest that arrived or is expected, else the newest expired one', async () => {
  const { announce, shoot, slots, tenant } = await startShooting(database);
  const current = async () => (await slots())[0]?.current_image_id;
  const never = await announce(angle(0), { expiresAt: new Date(Date.now() - 1000) });
  expect(await current()).toBe(never.id);
  await tenant.transact((tx) => expireUpload(tx, originalOf(never.id), new Date()));
  expect(await current()).toBe(never.id);
  const failed = await shoot(angle(0), measured('failed'));
  expect(await current()).toBe(failed);
  const good = await announce(angle(0));
  expect(await current()).toBe(good.id);
  await good.complete();
  await shoot(angle(0), measured('failed'));
  await announce(angle(0));
  expect(await current()).toBe(good.id);
});

test('a phone with a clock a year ahead cannot pin its frame; an offline phone can send its frames in any order', async () => {
  const { shoot, slots } = await startShooting(database);
  const hours = (n: number) => ({ capturedAt: new Date(Date.now() + n * 3_600_000) });
  await shoot(angle(0), measured(), hours(365 * 24));
  const next = await shoot(angle(0));
  expect((await slots())[0]?.current_image_id).toBe(next);
  const second = await shoot(angle(90), measured(), hours(-1));
  await shoot(angle(90), measured(), hours(-2));
  expect((await slots())[1]?.current_image_id).toBe(second);
});

test('a published frame stays published when its slot is shot again, until a reviewer publishes the replacement', async () => {
  const shooting = await startShooting(database);
  const { shoot, session, list, eventsOf } = shooting;
  const first = await shoot(angle(0));
  await publish(shooting, first);
  const second = await shoot(angle(0));
  expect((await list(true)).items).toMatchObject([
    { id: first, status: 'published', superseded: true, slot_published_image_id: first, replacement_waiting: true },
    { id: second, status: 'processed', superseded: false, slot_published_image_id: first, replacement_waiting: true },
  ]);
  expect(await session()).toMatchObject({ processed: 1, published: 0, replacements_waiting: 1, cover_image_id: first });

  await publish(shooting, second);
  expect((await list(true)).items).toMatchObject([
    { id: first, status: 'processed', published_at: null, published_by: null, replacement_waiting: false },
    { id: second, status: 'published', slot_published_image_id: second, replacement_waiting: false },
  ]);
  expect(await session()).toMatchObject({ published: 1, replacements_waiting: 0, cover_image_id: second });
  expect(await eventsOf(first)).toEqual([
    { type: 'image.published', meta: null },
    { type: 'image.unpublished', meta: { replaced_by: second } },
  ]);
  expect(await eventsOf(second)).toEqual([{ type: 'image.published', meta: null }]);
  // Publishes the old frame again, like an undo.
  await publish(shooting, first);
  expect((await list()).items).toMatchObject([{ id: second, status: 'processed', replacement_waiting: true }]);
});

test('a failed frame that was published with an override is failed again when another frame replaces it', async () => {
  const shooting = await startShooting(database);
  const failed = await shooting.shoot(angle(0), measured('failed'));
  await publish(shooting, failed, true);
  const good = await shooting.shoot(angle(0));
  expect(await publishAll(shooting)).toMatchObject({ published: [{ id: good }], alreadyPublished: 0, left: [] });
  expect((await shooting.list(true)).items).toMatchObject([
    { status: 'failed', publish_override: false },
    { id: good },
  ]);
});

test('publishing while a retake is being completed publishes the new frame, and nothing waits as a replacement', async () => {
  const shooting = await startShooting(database);
  const { tenant, shoot, announce, slots } = shooting;
  const first = await shoot(angle(0));
  const second = await announce(angle(0));
  let publishing: ReturnType<typeof publishAll> | undefined;
  // The retake is complete but not committed when the reviewer publishes.
  await tenant.transact(async (tx) => {
    await second.completeIn(tx);
    publishing = publishAll(shooting);
    await untilSomebodyWaits(database);
  });
  expect(await publishing).toMatchObject({ published: [{ id: second.id }], alreadyPublished: 0, left: [] });
  expect((await slots())[0]).toMatchObject({ current_image_id: second.id, published_image_id: second.id });
  expect(await shooting.eventsOf(first)).toEqual([]);
});

test('a retake that is completed while a reviewer publishes waits as a replacement', async () => {
  const shooting = await startShooting(database);
  const { tenant, shoot, announce, sessionId, userId } = shooting;
  const first = await shoot(angle(0));
  const second = await announce(angle(0));
  let completing: ReturnType<typeof second.complete> | undefined;
  await tenant.transact(async (tx) => {
    const published = await publishSession(tx, sessionId, { userId, warned: false });
    expect(published).toMatchObject({ published: [{ id: first }], left: [] });
    completing = second.complete();
    await untilSomebodyWaits(database);
  });
  expect(await completing).toMatchObject({ kind: 'completed' });
  expect(await shooting.session()).toMatchObject({ replacements_waiting: 1 });
  expect((await shooting.slots())[0]).toMatchObject({ current_image_id: second.id, published_image_id: first });
});

test('concurrent shooting, publishing and unpublishing keep every slot consistent with its frames', async () => {
  const shooting = await startShooting(database);
  const { tenant, shoot, userId } = shooting;
  const first = await Promise.all([0, 90, 180, 270].map((degrees) => shoot(angle(degrees))));
  const outcomes = await Promise.all([
    ...[0, 0, 90, 90, 180, 270].map((degrees) => shoot(angle(degrees))),
    ...first.map((id) => publish(shooting, id)),
    publishAll(shooting),
    publishAll(shooting),
    ...first.map((id) => tenant.transact((tx) => unpublishImage(tx, id, userId))),
  ]);
  expect(outcomes.filter((outcome) => typeof outcome === 'object' && isFailure(outcome))).toEqual([]);
  const { rows } = await database.admin.query(
    `select s.id from slots s where s.session_id = $1 and (
       s.current_image_id is distinct from (select i.id from images i where i.slot_id = s.id
         order by least(i.captured_at, i.created_at) desc, i.id desc limit 1)
       or s.published_image_id is distinct from (select i.id from images i where i.slot_id = s.id and i.status = 'published'))`,
    [shooting.sessionId],
  );
  expect(rows).toEqual([]);
});

test('the database itself refuses a second published frame in a slot, and a slot that points to a frame of another', async () => {
  const { shoot } = await startShooting(database);
  const [one, other] = [await shoot(angle(0)), await shoot(angle(90))];
  await shoot(angle(0));
  const change = (text: string, values: unknown[]) => database.admin.query(text, values);
  await expect(
    change(`update images set status = 'published' where slot_id = (select slot_id from images where id = $1)`, [one]),
  ).rejects.toThrow(/images_published_once/);
  await expect(
    change('update slots set current_image_id = $1 where id = (select slot_id from images where id = $2)', [
      other,
      one,
    ]),
  ).rejects.toThrow(/foreign key/);
});

test('frames without a slot are each current, and can be published together', async () => {
  const shooting = await startShooting(database);
  const ids = [await shooting.shoot(noSlot), await shooting.shoot(noSlot)];
  expect((await shooting.list()).items).toMatchObject(
    ids.map((id) => ({ id, superseded: false, slot_position: null, replacement_waiting: false })),
  );
  const published = await publishAll(shooting);
  expect(isFailure(published) ? published : idsOf(published.published)).toEqual(ids);
  expect(await shooting.session()).toMatchObject({ published: 2, cover_image_id: ids[0] });
});

test('the cover is the first good picture in shooting order: never a failed or replaced frame', async () => {
  const { shoot, session } = await startShooting(database);
  const cover = async () => (await session()).cover_image_id;
  await shoot(angle(0), measured('failed'));
  expect(await cover()).toBeNull();
  const outside = await shoot(noSlot);
  expect(await cover()).toBe(outside);
  const later = await shoot(angle(180));
  expect(await cover()).toBe(later);
  await shoot(angle(90));
  const again = await shoot(angle(90));
  expect(await cover()).toBe(again);
});
