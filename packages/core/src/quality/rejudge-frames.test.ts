import { defaultQcThresholds, type ImageId } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImageOutcome } from '../images/image-outcome.ts';
import { publishImage } from '../images/publish-images.ts';
import { updateOrganization } from '../organizations/organization.ts';
import { angle, measured, startShooting } from '../testing/shooting.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { rejudgeNextSession } from './rejudge-frames.ts';
import { getRejudgement, rejudgementFailed, requestRejudgement } from './rejudgement.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

type Shooting = Awaited<ReturnType<typeof startShooting>>;

/** A frame that v1 calls sharp, with edges of this width. */
function frame(width: number, size = { width: 4032, height: 3024 }): ImageOutcome {
  const outcome = measured();
  if (outcome.kind === 'rejected') throw new Error(outcome.code);
  const { sharpness, exposure } = outcome.qc;
  const edges = { width, widths: [width, width, width, width], count: 900, long_side: 1600, motion_deg: null };
  const centre = { red: 90, green: 90, blue: 90, luma: 90, clipped_white: 0, clipped_black: 0 };
  const qc = {
    sharpness: { ...sharpness, edges },
    exposure: { ...exposure, centre },
    size: { ...size, status: 'pass' as const },
  };
  return { ...outcome, qc };
}

const choose = ({ tenant, by }: Shooting, qc_profile: 'v1' | 'v3' | null, qc_edge_width_fail: number | null = null) =>
  tenant.transact((tx) => updateOrganization(tx, { qc_profile, qc_edge_width_fail }, by));
const request = ({ tenant, by }: Shooting) => tenant.transact((tx) => requestRejudgement(tx, by));
const step = ({ tenant }: Shooting) => tenant.transact((tx) => rejudgeNextSession(tx, defaultQcThresholds));
const finish = async (shooting: Shooting) => {
  while ((await step(shooting)) === 'more');
  return shooting.tenant.read((tx) => getRejudgement(tx));
};
const framesOf = async ({ list }: Shooting) =>
  new Map(
    (await list(true)).items.map((image) => [
      image.id,
      [image.status, image.qc?.sharpness.status, image.qc_version, image.publish_override],
    ]),
  );

test('a new frame is judged by the choice of its organization, or by the thresholds of the installation', async () => {
  const shooting = await startShooting(database);
  const before = await shooting.shoot(angle(0), frame(3));
  await choose(shooting, 'v3');
  const failed = await shooting.shoot(angle(90), frame(3));
  await choose(shooting, 'v3', 3.5);
  const warned = await shooting.shoot(angle(180), frame(3.2));
  expect(await framesOf(shooting)).toEqual(
    new Map([
      [before, ['processed', 'pass', 1, false]],
      [failed, ['failed', 'fail', 3, false]],
      [warned, ['processed', 'warn', 3, false]],
    ]),
  );
});

test('all frames are judged again from their stored figures; a published one stays published', async () => {
  const shooting = await startShooting(database);
  const [sharp, soft, published] = [
    await shooting.shoot(angle(0), frame(2)),
    await shooting.shoot(angle(90), frame(3)),
    await shooting.shoot(angle(180), frame(3)),
  ];
  await shooting.tenant.transact((tx) =>
    publishImage(tx, published, { userId: shooting.userId, override: false, preview: false }),
  );
  await choose(shooting, 'v3');
  expect(await request(shooting)).toMatchObject({ total: 3, done: 0, finished_at: null });
  expect(await finish(shooting)).toMatchObject({ total: 3, done: 3, changed: 2, finished_at: expect.any(Date) });
  expect(await framesOf(shooting)).toEqual(
    new Map([
      [sharp, ['processed', 'pass', 3, false]],
      [soft, ['failed', 'fail', 3, false]],
      [published, ['published', 'fail', 3, true]],
    ]),
  );
  expect((await shooting.slots())[2]).toMatchObject({ published_image_id: published });

  await choose(shooting, null);
  await request(shooting);
  expect(await finish(shooting)).toMatchObject({ done: 3, changed: 2 });
  expect(await framesOf(shooting)).toEqual(
    new Map([
      [sharp, ['processed', 'pass', 1, false]],
      [soft, ['processed', 'pass', 1, false]],
      [published, ['published', 'pass', 1, false]],
    ]),
  );
  const events = (await shooting.eventsOf(shooting.orgId)).filter(({ type }) => /rejudge/.test(type));
  expect(events.slice(0, 2)).toEqual([
    {
      type: 'organization.rejudgement_requested',
      meta: { qc_profile: 'v3', qc_edge_width_fail: null, qc_min_long_side: null, frames: 3 },
    },
    { type: 'organization.frames_rejudged', meta: { frames: 3, changed: 2, left_out: 0 } },
  ]);
});

test('a slot shows the newest frame that is good by the new rules', async () => {
  const shooting = await startShooting(database);
  const hours = (n: number) => ({ capturedAt: new Date(Date.now() + n * 3_600_000) });
  const older = await shooting.shoot(angle(0), frame(2), hours(-2));
  const newer = await shooting.shoot(angle(0), frame(3), hours(-1));
  const current = async (): Promise<ImageId> => (await shooting.slots())[0]?.current_image_id;
  expect(await current()).toBe(newer);
  await choose(shooting, 'v3');
  await request(shooting);
  await finish(shooting);
  expect(await current()).toBe(older);
});

test('frames that were measured after the request keep the verdict of the newest choice', async () => {
  const shooting = await startShooting(database);
  await shooting.shoot(angle(0), frame(3));
  await choose(shooting, 'v3');
  await request(shooting);
  await choose(shooting, 'v1');
  const later = await shooting.shoot(angle(90), frame(3));
  expect(await finish(shooting)).toMatchObject({ total: 1, done: 1, changed: 1 });
  expect((await framesOf(shooting)).get(later)).toEqual(['processed', 'pass', 1, false]);
});

test('the size of a preview is not judged, and an original that could not be read stays failed', async () => {
  const shooting = await startShooting(database);
  const small = { width: 80, height: 60 };
  const preview = await shooting.announce(angle(0), { kind: 'preview' });
  await preview.complete(frame(2, small));
  const broken = await shooting.announce(angle(90), { kind: 'preview' });
  await broken.complete(frame(2, small));
  const original = await shooting.announce(angle(90), { imageId: broken.id });
  await original.complete({ kind: 'rejected', code: 'truncated', message: 'The file ends too early.' });
  await choose(shooting, 'v3');
  await request(shooting);
  expect(await finish(shooting)).toMatchObject({ done: 2, changed: 0 });
  expect(await framesOf(shooting)).toEqual(
    new Map([
      [preview.id, ['processed', 'pass', 3, false]],
      [broken.id, ['failed', 'pass', 3, false]],
    ]),
  );
});

test('an original below the minimum of the organization fails, a preview does not; null returns to the installation', async () => {
  const shooting = await startShooting(database);
  const earlier = await shooting.shoot(angle(0), frame(2, { width: 960, height: 1280 }));
  const setMinimum = (qc_min_long_side: number | null) =>
    shooting.tenant.transact((tx) => updateOrganization(tx, { qc_min_long_side }, shooting.by));
  await setMinimum(1600);
  const [small, enough] = [
    await shooting.shoot(angle(90), frame(2, { width: 1599, height: 1200 })),
    await shooting.shoot(angle(180), frame(2, { width: 1200, height: 1600 })),
  ];
  const preview = await shooting.announce(angle(270), { kind: 'preview' });
  await preview.complete(frame(2, { width: 960, height: 720 }));
  const statuses = async () =>
    new Map((await shooting.list(true)).items.map(({ id, status, qc }) => [id, [status, qc?.size?.status]]));
  const judged = new Map([
    [earlier, ['processed', 'pass']],
    [small, ['failed', 'fail']],
    [enough, ['processed', 'pass']],
    [preview.id, ['processed', 'pass']],
  ]);
  expect(await statuses()).toEqual(judged);

  await request(shooting);
  expect(await finish(shooting)).toMatchObject({ done: 4, changed: 1 });
  expect(await statuses()).toEqual(judged.set(earlier, ['failed', 'fail']));

  await setMinimum(null);
  await request(shooting);
  expect(await finish(shooting)).toMatchObject({ done: 4, changed: 2 });
  expect((await statuses()).get(small)).toEqual(['processed', 'pass']);
});

test('two workers at the same time judge each frame once', async () => {
  const shooting = await startShooting(database);
  for (const degrees of [0, 90, 180]) await shooting.shoot(angle(degrees), frame(3));
  await choose(shooting, 'v3');
  await request(shooting);
  await Promise.all([finish(shooting), finish(shooting)]);
  expect(await finish(shooting)).toMatchObject({ total: 3, done: 3, changed: 3 });
});

test('two workers that fail at the same attempt count as one failure', async () => {
  const shooting = await startShooting(database);
  await shooting.shoot(angle(0), frame(2));
  await request(shooting);
  const failed = () => shooting.tenant.transact((tx) => rejudgementFailed(tx));
  expect(await Promise.all([failed(), failed(), failed()])).toEqual(['later', 'later', 'later']);
  expect(await shooting.tenant.read((tx) => getRejudgement(tx))).toMatchObject({ failures: 1, left_out: 0 });
});
