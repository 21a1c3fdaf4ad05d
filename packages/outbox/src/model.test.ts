import type { ErrorCode } from '@spinbay/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Operator, type Shot } from './testing/operator.ts';
import { randomFrom } from './testing/random.ts';
import type { CallFault } from './testing/sim-world.ts';

const runs = Number(process.env.SPINBAY_OUTBOX_RUNS ?? 150);
const seed = Number(process.env.SPINBAY_FUZZ_SEED ?? 1);

const hours = 3_600_000;
const day = 24 * hours;

/** A random action of the operator, the network or the server. */
type Action = readonly [name: string, act: (operator: Operator) => Promise<void> | void];

const orgs = ['org-a', 'org-b'];
const refusals: ErrorCode[] = [
  'forbidden',
  'session_not_found',
  'image_conflict',
  'image_too_large',
  'slot_not_in_shot_list',
];
const faults: CallFault[] = [
  'unauthorized',
  'unauthorized_late',
  'rate_limited',
  'internal',
  'unavailable',
  'reply_lost',
  'broken_off',
  'put_forbidden',
  'put_damaged',
  'put_500',
  'put_redirected',
  'put_lost',
  'put_answered_late',
];

const named = (name: string, act: Action[1]): Action => [name, act];
const action = fc.oneof<fc.WeightedArbitrary<Action>[]>(
  {
    weight: 10,
    arbitrary: fc
      .record({ withPreview: fc.boolean(), size: fc.constantFrom(20_000, 3_000_000) })
      .map((how) => named(`shoot ${JSON.stringify(how)}`, async (o) => void (await o.shoot(how)))),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...refusals)
      .map((refusal) => named(`shoot, refused: ${refusal}`, async (o) => void (await o.shoot({ refusal })))),
  },
  {
    weight: 8,
    arbitrary: fc
      .oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1_000, max: 20 * 60_000 }))
      .map((ms) => named(`${ms} ms pass`, async (o) => void (await o.world.clock.run(ms)))),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        mode: fc.constantFrom('on', 'off', 'portal'),
        speed: fc.constantFrom(20_000, 1_000_000, 5_000_000),
        latency: fc.constantFrom(5, 300, 2_000),
      })
      .map((link) => named(`link ${JSON.stringify(link)}`, (o) => o.world.setLink(link))),
  },
  {
    weight: 5,
    arbitrary: fc
      .array(fc.constantFrom(...faults), { minLength: 1, maxLength: 6 })
      .map((next) => named(`faults ${next}`, (o) => void o.world.faults.push(...next))),
  },
  { weight: 3, arbitrary: fc.constant(named('kill and restart', (o) => o.restart())) },
  { weight: 1, arbitrary: fc.constant(named('another tab', (o) => o.openAnotherTab())) },
  { weight: 1, arbitrary: fc.nat(5).map((n) => named(`kill tab ${n}`, (o) => o.killOneTab(n))) },
  { weight: 2, arbitrary: fc.constant(named('undo', (o) => o.undo())) },
  { weight: 1, arbitrary: fc.constant(named('new session', async (o) => void (await o.newSession()))) },
  { weight: 2, arbitrary: fc.constant(named('completed', (o) => o.endSession())) },
  { weight: 1, arbitrary: fc.constant(named('abandoned', (o) => o.endSession('abandoned'))) },
  { weight: 2, arbitrary: fc.constant(named('event', (o) => o.recordEvent())) },
  { weight: 1, arbitrary: fc.nat(9).map((n) => named(`evict ${n}`, (o) => o.evict(n))) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(-3 * day, 0, 3 * day).map((ahead) =>
      named(`clock ${ahead / day} days off`, (o) => {
        o.world.clock.ahead = ahead;
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 5_000_000, Number.POSITIVE_INFINITY).map((room) =>
      named(`room for ${room}`, (o) => {
        o.world.disk.room = room;
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map((canRefresh) =>
      named(`token ends, ${canRefresh ? 'can' : 'cannot'} be refreshed`, (o) => {
        o.world.tokenIsGood = false;
        o.world.canRefresh = canRefresh;
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map((isUp) =>
      named(`worker ${isUp ? 'up' : 'down'}`, (o) => {
        o.world.server.workerIsUp = isUp;
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map((isFull) =>
      named(`store ${isFull ? 'full' : 'has room'}`, (o) => {
        o.world.server.storeIsFull = isFull;
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(9).map((n) =>
      named(`session ${n} is closed by somebody`, ({ world }) => {
        const session = [...world.server.sessions.values()][n];
        if (session !== undefined) session.status = 'completed';
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...orgs).map((org) => named(`the device enrols in ${org}`, (o) => o.world.enrolIn(org))),
  },
  { weight: 1, arbitrary: fc.constant(named('retry', (o) => o.tab.outbox.retry())) },
);

/** Repairs everything and signs the operator in. */
async function heal({ world, tab }: Operator): Promise<void> {
  world.faults.length = 0;
  world.clock.ahead = 0;
  world.disk.room = Number.POSITIVE_INFINITY;
  world.canRefresh = true;
  world.server.storeIsFull = false;
  world.server.workerIsUp = true;
  world.server.processAll();
  world.setLink({ mode: 'on', speed: 1_000_000, latency: 50 });
  // Lets messages from other tabs arrive first.
  await world.clock.run(100);
  // The device sends only what belongs to the organization in which it is enrolled.
  for (const org of orgs) {
    world.enrolIn(org);
    tab.outbox.retry();
    await world.clock.run(6 * hours, () => tab.outbox.state().items.every(({ upload }) => upload.state === 'stuck'));
  }
}

function checkShot(operator: Operator, shot: Shot): void {
  const { world, tab } = operator;
  const frames = world.framesOf(shot.original.digest);
  expect(frames.length, 'a photo is at most one frame').toBeLessThanOrEqual(1);
  const photo = tab.outbox
    .state()
    .sessions.flatMap(({ photos }) => photos)
    .find(({ image_id }) => image_id === shot.image_id);
  if (shot.removed) {
    expect([photo, frames], 'a removed photo is neither on the device nor on the server').toEqual([undefined, []]);
    return;
  }
  const session = operator.sessions.find(({ id }) => id === shot.session_id);
  if (photo === undefined) {
    expect(session?.status, 'only photos of finished sessions are removed from the device').not.toBe('active');
    expect(frames, 'only photos that the server has are removed from the device').toHaveLength(1);
    return;
  }
  if (photo.upload.state === 'stuck') {
    const isRefusedOrEvicted = shot.evicted || world.server.refused.has(shot.image_id);
    expect(isRefusedOrEvicted, `${photo.upload.reason}: only refused or evicted photos get stuck`).toBe(true);
    if (!shot.evicted) expect(photo.has_original, 'a stuck photo keeps its bytes').toBe(true);
    return;
  }
  expect(photo.upload.state, 'every other photo is on the server').toBe('processed');
  expect(frames).toHaveLength(1);
}

function checkAll(operator: Operator): void {
  const { world, tab } = operator;
  for (const shot of operator.shots) checkShot(operator, shot);
  for (const id of operator.notKept) {
    const isSent = world.server.images.has(id) || world.server.sessions.has(id);
    expect(isSent, 'a session or photo that was not stored is not sent').toBe(false);
    expect(world.disk.rows.has(id)).toBe(false);
  }
  for (const { id, org, status } of operator.sessions) {
    expect([undefined, org], 'a session is in its own organization').toContain(world.server.sessions.get(id)?.org);
    const session = tab.outbox.state().sessions.find((each) => each.id === id);
    if (session?.stuck === null) expect([status, 'completed']).toContain(world.server.sessions.get(id)?.status);
  }
  const reported = [...world.server.events].filter(([, type]) => type === 'shutter');
  const orgsOfEvents = reported.map(([id]) => world.server.eventOrgs.get(id) ?? '');
  expect(orgsOfEvents.sort(), 'each event arrives once, in its organization').toEqual(operator.events.sort());
  const left = tab.outbox.state().items.filter(({ upload }) => upload.state !== 'stuck');
  expect(left, 'only stuck items are left').toEqual([]);
  const held = [...world.disk.bytes.keys()].filter((key) => key.endsWith('/original'));
  const stuck = new Set(tab.outbox.state().items.map(({ id }) => `${id}/original`));
  expect(
    held.filter((key) => !stuck.has(key)),
    'originals are deleted once the server has them',
  ).toEqual([]);
  // Two originals, and four previews that may overtake them.
  expect(world.maxInFlight).toBeLessThanOrEqual(2 * 3_000_000 + 4 * 150_000);
}

test(
  'turns each photo into one frame or reports why not, under any schedule of faults, and no photo delays another',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        fc.boolean(),
        async (actions, randomSeed, knowsPreviews) => {
          const operator = await Operator.begin(randomFrom(randomSeed));
          operator.world.server.knowsPreviews = knowsPreviews;
          for (const [, act] of actions) await act(operator);
          await heal(operator);
          checkAll(operator);
        },
      ),
      { numRuns: runs, seed, endOnFailure: false },
    );
  },
  runs * 4_000 + 60_000,
);
