import { expect, test } from 'vitest';
import { ConnectionSlots, type SlotLimits, type SlotOwner } from './connection-slots.ts';
import { StoreBusy } from './faults.ts';

const limits: SlotLimits = {
  total: 4,
  perOrg: 3,
  perCaller: 2,
  waitingPerOrg: 10,
  waitingPerCaller: 5,
  waitMs: 10_000,
};

const a1 = { orgId: 'a', callerId: '1' };
const a2 = { orgId: 'a', callerId: '2' };
const b1 = { orgId: 'b', callerId: '1' };

/** Requests slots and records the order in which they are granted. */
function recording(given: Partial<SlotLimits> = {}, now?: () => number) {
  const slots = new ConnectionSlots({ ...limits, ...given }, now);
  const started: SlotOwner[] = [];
  const releases: (() => void)[] = [];
  const refused: string[] = [];
  const ask = (owner: SlotOwner) =>
    slots.acquire(owner).then(
      (release) => {
        started.push(owner);
        releases.push(release);
      },
      (error: unknown) => void refused.push((error as StoreBusy).scope),
    );
  /** Releases the slot that was granted first. */
  const finish = async () => {
    releases.shift()?.();
    await settled();
  };
  return { ask, finish, started, refused };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('callers and organizations run up to their limits, and the rest waits', async () => {
  const { ask, finish, started } = recording();
  for (const owner of [a1, a1, a1, a2, a2, b1, b1]) void ask(owner);
  await settled();
  expect(started).toEqual([a1, a1, a2, b1]);
  await finish();
  expect(started.slice(4)).toEqual([b1]);
  await finish();
  await finish();
  await finish();
  expect(started).toHaveLength(7);
});

test('a caller who has held connections for most of the last seconds gets one at a time, until a pause', async () => {
  let now = 0;
  const { ask, finish, started } = recording({}, () => now);
  const grantedAtOnce = async (owner: SlotOwner) => {
    const before = started.length;
    void ask(owner);
    void ask(owner);
    await settled();
    const granted = started.length - before;
    await finish();
    await finish();
    return granted;
  };
  expect(await grantedAtOnce(a1)).toBe(2);
  void ask(a1);
  await settled();
  now += 1_500;
  await finish();
  expect(await grantedAtOnce(a1)).toBe(1);
  // Others of the same organization are not affected.
  expect(await grantedAtOnce(a2)).toBe(2);
  // Neither is a caller of another organization with the same id, which a device chooses itself.
  expect(await grantedAtOnce(b1)).toBe(2);
  now += 2_000;
  expect(await grantedAtOnce(a1)).toBe(2);
});

test('short transactions with pauses between them never make a caller busy', async () => {
  let now = 0;
  const { ask, finish, started } = recording({}, () => now);
  for (let round = 0; round < 200; round += 1) {
    void ask(a1);
    void ask(a1);
    await settled();
    now += 20;
    await finish();
    await finish();
    now += 100;
  }
  expect(started).toHaveLength(400);
  void ask(a1);
  void ask(a1);
  await settled();
  expect(started).toHaveLength(402);
});

test('one organization with a long queue gets every other slot while another one waits', async () => {
  const { ask, finish, started } = recording({ total: 1, perCaller: 1, perOrg: 1 });
  for (const owner of [a1, a1, a1, a1, b1, b1]) void ask(owner);
  for (let round = 0; round < 6; round += 1) await finish();
  expect(started.map(({ orgId }) => orgId).join('')).toBe('ababaa');
});

test('requests beyond the queue are refused immediately, with the limit that was reached', async () => {
  const { ask, refused } = recording({ waitingPerCaller: 1, waitingPerOrg: 2 });
  for (const owner of [a1, a1, a1, a1]) void ask(owner);
  await settled();
  expect(refused).toEqual(['caller']);
  for (const owner of [a2, a2, a2]) void ask(owner);
  await settled();
  expect(refused).toEqual(['caller', 'organization']);
});

test('a wait that takes too long is refused, and the slot goes to the next one', async () => {
  const slots = new ConnectionSlots({ ...limits, total: 1, waitMs: 20 });
  const release = await slots.acquire(a1);
  await expect(slots.acquire(b1)).rejects.toEqual(new StoreBusy('server'));
  const next = slots.acquire(a2);
  release();
  (await next)();
  (await slots.acquire(b1))();
});
