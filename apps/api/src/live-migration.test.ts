import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@spinbay/core';
import { migrationsDir } from '@spinbay/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { frame, refusal, startSpin, startTestApi, type TestApi, upload } from './testing.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

/** Changes that a later release may make without breaking this one: new columns, new indexes. */
const later = `
  alter table images add column of_later text not null default 'x';
  alter table sessions add column of_later int;
  alter table devices add column of_later int;
  create index on images (org_id, of_later);
`;

test('a database is migrated under a live API, without a failed request', async () => {
  const org = await api.makeOrg();
  const [device, reviewer] = [await api.device(org), await api.as(org, 'reviewer')];
  const { id } = await startSpin(device, org.siteIds[0], 'LIVE-1');
  await upload(device, id, 0);
  const requests = [
    () => device.presignImage({ body: frame(id) }),
    () => reviewer.listImages({ query: { session_id: id } }),
    () => reviewer.listSessions({ query: {} }),
    () => reviewer.getSession({ params: { session_id: id } }),
    () => device.createEvents({ body: { entity_type: 'session', entity_id: id, type: 'capture.started' } }),
  ];
  const outcomes = new Map<string, number>();
  let rounds = 0;
  let migrated = false;
  const keepAsking = async (request: () => Promise<unknown>) => {
    const continues = () => !migrated || rounds < lastRound;
    while (continues()) {
      const outcome = await refusal(request());
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      rounds += 1;
    }
  };
  let lastRound = Number.POSITIVE_INFINITY;
  const asking = requests.map(keepAsking);
  // By then, every statement is prepared on some connection.
  await expect.poll(() => rounds, { timeout: 60_000 }).toBeGreaterThan(50);
  const dir = await mkdtemp(join(tmpdir(), 'spinbay-migrations-'));
  await cp(migrationsDir, dir, { recursive: true });
  await writeFile(join(dir, '9998_later.sql'), later);
  expect(await migrate({ ownerUrl: api.database.ownerUrl, dir, log: () => undefined })).toEqual(['9998_later']);
  migrated = true;
  lastRound = rounds + 50;
  await Promise.all(asking);
  await rm(dir, { recursive: true });
  expect([...outcomes.keys()]).toEqual(['no error']);
});
