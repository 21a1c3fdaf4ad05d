import { createClient } from '@spinbay/client';
import { OrgId } from '@spinbay/contracts';
import { startTestPostgres, type TestPostgres } from '@spinbay/local-postgres/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';

const running: Installation[] = [];

async function run(place: Place, env: Record<string, string> = {}, args?: string[]): Promise<Installation> {
  const installation = await start({ ...place, env: { ...place.env, ...env } }, args);
  running.push(installation);
  return installation;
}
afterEach(async () => {
  for (const installation of running.splice(0)) await installation.stop();
});

/** Names and enrolment settings of the running installation's organizations. */
async function organizations(place: Place): Promise<string[][]> {
  const { stdout } = await spinbay(place, 'org', 'list', '--json');
  const lines = JSON.parse(stdout) as { name: string; enrolment: string }[];
  return lines.map(({ name, enrolment }) => [name, enrolment]);
}

describe('with the local PostgreSQL', () => {
  let place: Place;
  beforeAll(async () => {
    place = await makePlace();
  });
  afterAll(() => place?.remove());

  test('in a start that listens on the network, devices need a code to enrol in the demo organizations', async () => {
    const alone = await run(place);
    expect(await organizations(place)).toEqual([
      ['Demo Motors', 'open'],
      ['Other Cars', 'open'],
    ]);
    await alone.stop();
    const { endpoints, output } = await run(place, { SPINBAY_HOST: '0.0.0.0' });
    expect(await organizations(place)).toEqual([
      ['Demo Motors', 'code'],
      ['Other Cars', 'code'],
    ]);
    const enrol = createClient({ baseUrl: endpoints.api }).authDevice({
      body: { org_id: OrgId.parse(endpoints.demo.org_id), platform: 'web', model: 'Test', app_version: '1' },
    });
    await expect(enrol).rejects.toMatchObject({ code: 'enrolment_code_required' });
    expect(output()).toContain('for one phone until');
  });

  test('the demo organization can be erased; then it is never created again and gets no sample spin', async () => {
    await run(place);
    const erased = await spinbay(place, 'erase', 'organization', 'Demo Motors', '--yes');
    expect(erased.stdout).toContain('Demo Motors');
    await running.pop()?.stop();

    const next = await run(place, {}, []);
    expect(next.endpoints.demo).toBeNull();
    expect(next.output()).toContain('There is no demo organization here');
    expect(next.output()).not.toContain('sample spin');
    expect((await organizations(place)).map(([name]) => name)).toEqual(['Other Cars']);
  });
});

describe('with a database of its own', () => {
  let place: Place;
  let postgres: TestPostgres;
  beforeAll(async () => {
    const made = await makePlace();
    postgres = await startTestPostgres();
    place = { ...made, env: { ...made.env, DATABASE_URL: postgres.url } };
  });
  afterAll(async () => {
    await postgres?.stop();
    await place?.remove();
  });

  test('a start creates the demo organizations and the sample spin only on request', async () => {
    const { endpoints, output, stop } = await run(place, {}, []);
    expect([endpoints.demo, await organizations(place)]).toEqual([null, []]);
    expect(output()).not.toContain('sample spin');
    await stop();
    const asked = await run(place, { SPINBAY_DEMO: 'on' });
    expect(asked.endpoints.demo.site_ids).toHaveLength(2);
    expect((await organizations(place)).map(([name]) => name)).toEqual(['Demo Motors', 'Other Cars']);
  });
});
