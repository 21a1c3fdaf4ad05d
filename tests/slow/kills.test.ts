import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@spinbay/client';
import { SessionId } from '@spinbay/contracts';
import { ensureBucket } from '@spinbay/local-cloud/set-up';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  beginSpinbay,
  type Installation,
  makePlace,
  type Place,
  processesOf,
  spinbay,
  start,
} from '../e2e/support/installation.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';
import { databaseUrl, secretsOf } from '../e2e/support/secrets.ts';

describe('an installation whose processes are killed', () => {
  let place: Place;
  let installation: Installation;
  let spin: string;
  beforeAll(async () => {
    place = await makePlace();
    spin = join(place.dataDir, '..', 'spin');
    installation = await start(place);
    await sampleSpin(spin);
  });
  afterAll(async () => {
    await installation?.stop();
    await place?.remove();
  });

  async function statuses(session: string): Promise<string[]> {
    const { endpoints } = installation;
    const token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
    const client = createClient({ baseUrl: endpoints.api, token: () => token });
    const { body } = await client.listImages({ query: { session_id: SessionId.parse(session) } });
    return body?.items.map((image) => image.status) ?? [];
  }

  test('if the bucket is missing, each file gets an error with a solution, and the same command continues once it is back', async () => {
    const { endpoints } = installation;
    const { accessKeys } = secretsOf(place);
    const region = 'us-east-1';
    // The server has no call to delete a bucket. It reads its buckets when it starts.
    const database = new URL(databaseUrl(place, installation, 'cloud'));
    database.pathname = '/spinbay_cloud';
    const client = new pg.Client({ connectionString: database.toString() });
    await client.connect();
    await client.query("delete from local_cloud.buckets where name = 'spinbay'");
    await client.end();
    await restart(place, 'cloud.mjs', endpoints.objects);
    const without = await spinbay(place, 'ingest', spin, '--stock', 'NO-BUCKET');
    expect(without.status).toBe(1);
    expect(without.stdout.match(/bucket is missing.*doctor/g)).toHaveLength(24);
    // The API is ready without the bucket: only uploads and workers need it.
    expect((await fetch(`${endpoints.api}/readyz`)).status).toBe(200);

    const queueArn = `arn:aws:sqs:${region}:000000000000:${endpoints.queue.split('/').at(-1)}`;
    await ensureBucket({
      endpoint: endpoints.objects,
      region,
      credentials: accessKeys.admin,
      bucket: 'spinbay',
      corsOrigins: [endpoints.portal],
      queueArn,
      suffixes: ['.jpg', '.heic'],
    });
    expect((await spinbay(place, 'ingest', spin, '--stock', 'NO-BUCKET')).status).toBe(0);
  });

  test('each process that is killed in the middle of an ingest restarts, and every frame becomes visible', async () => {
    for (const name of ['worker', 'api', 'cloud', 'postgres']) {
      const bundle = name === 'postgres' ? /\/postgres .*-D/ : new RegExp(`dist/${name}\\.mjs`);
      const ingest = beginSpinbay(place, 'ingest', spin, '--stock', `KILL-${name}`, '--json');
      await ingest.until('uploaded 0 of 24');
      const victim = (await processesOf(place)).find(({ command }) => bundle.test(command));
      expect(victim, name).toBeDefined();
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      const { status, stdout, stderr } = await ingest.done;
      expect([name, status, status === 0 ? '' : stderr + stdout]).toEqual([name, 0, '']);
      const { session_id } = JSON.parse(stdout) as { session_id: string };
      expect(await statuses(session_id)).toEqual(Array(24).fill('processed'));
    }
  });

  test('sign-in, portal and capture app restart after they are killed', async () => {
    const { oidc, portal, capture } = installation.endpoints;
    for (const [bundle, url] of [
      ['oidc.mjs', `${oidc}/healthz`],
      ['portal-server.mjs', `${portal}/config.json`],
      ['capture-server.mjs', `${capture}/config.json`],
    ] as const) {
      await restart(place, bundle, url);
      expect((await fetch(url)).status).toBe(200);
    }
  });

  test('after everything is killed in the middle of an ingest, the next start has all acknowledged frames and finishes the spin', async () => {
    const ingest = beginSpinbay(place, 'ingest', spin, '--stock', 'KILL-ALL', '--json');
    await ingest.until('uploaded 0 of 24');
    await sleep(500);
    for (const { pid } of await processesOf(place)) {
      if (pid !== process.pid) killQuietly(pid);
    }
    await ingest.done;
    installation = await start(place);
    const again = await spinbay(place, 'ingest', spin, '--stock', 'KILL-ALL', '--json');
    expect([again.status, again.stderr]).toEqual([0, expect.any(String)]);
    const { session_id } = JSON.parse(again.stdout) as { session_id: string };
    expect(await statuses(session_id)).toEqual(Array(24).fill('processed'));
  });

  test('after only the supervisor is killed its processes end, and the next start finds all data', async () => {
    installation.process.kill('SIGKILL');
    installation = await start(place);
    const { stdout } = await spinbay(place, 'ingest', spin, '--stock', 'KILL-ALL', '--json');
    expect(
      (JSON.parse(stdout) as { images: { status: string }[] }).images.every((image) => image.status === 'processed'),
    ).toBe(true);
  });

  test('stopping ends every process and removes endpoints.json with its passwords; the data stays', async () => {
    await installation.stop();
    expect(await processesOf(place)).toEqual([]);
    expect(existsSync(join(place.dataDir, 'endpoints.json'))).toBe(false);
    installation = await start(place);
    const { stdout } = await spinbay(place, 'ingest', spin, '--stock', 'KILL-ALL', '--json');
    expect((JSON.parse(stdout) as { images: { status: string }[] }).images).toHaveLength(24);
  });
});

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It already ended together with its parent.
  }
}

/** Kills one process of an installation and waits until the restarted one answers. */
async function restart(place: Place, bundle: string, url: string): Promise<void> {
  const pidOf = async () => (await processesOf(place)).find(({ command }) => command.includes(bundle))?.pid;
  const before = await pidOf();
  if (before === undefined) throw new Error(`nothing runs ${bundle}`);
  process.kill(before, 'SIGKILL');
  await expect.poll(async () => [before, undefined].includes(await pidOf()), { timeout: 60_000 }).toBe(false);
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  await expect.poll(answers, { timeout: 60_000 }).toBe(true);
}
