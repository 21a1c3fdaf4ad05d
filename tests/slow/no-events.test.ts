import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBucket } from '@spinbay/local-cloud/set-up';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';

let place: Place | undefined;
let installation: Installation | undefined;
afterAll(async () => {
  await installation?.stop();
  await place?.remove();
});
beforeAll(async () => {
  const made = await makePlace();
  place = { ...made, env: { ...made.env, UPLOAD_HINTS: 'on' } };
  installation = await start(place);
  const { accessKeys } = JSON.parse(await readFile(join(place.dataDir, 'secrets.json'), 'utf8'));
  await ensureBucket({
    endpoint: installation.endpoints.objects,
    region: 'us-east-1',
    credentials: accessKeys.admin,
    bucket: 'spinbay',
    corsOrigins: [installation.endpoints.portal],
    queueArn: '',
    suffixes: [],
  });
});

test('a spin arrives through an object store that sends no events', async () => {
  if (place === undefined) throw new Error('there is no place');
  const spin = join(place.dataDir, '..', 'spin');
  await sampleSpin(spin);
  const run = await spinbay(place, 'ingest', spin, '--stock', 'NO-EVENTS', '--json');
  expect(run.status).toBe(0);
  const { images } = JSON.parse(run.stdout) as { images: { status: string }[] };
  expect(images.map(({ status }) => status)).toEqual(Array(24).fill('processed'));
  // The clients reported their uploads: the reconciler, which finds photos after minutes, had nothing to do.
  expect(await requeues()).toEqual([{ uploads: 24, confirmed: 24, requeues: 0 }]);
});

async function requeues() {
  const { database = '', demo } = installation?.endpoints ?? {};
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    await client.query(`select set_config('app.org_id', $1, false)`, [demo?.org_id]);
    const { rows } = await client.query(
      'select count(*)::int as uploads, count(requeued_at)::int as confirmed, sum(requeues)::int as requeues from uploads',
    );
    return rows;
  } finally {
    await client.end();
  }
}
